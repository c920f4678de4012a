import { mkdir, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { useEngine } from '@fixres/engine';
import { loadRun, writeAside } from '@fixres/runs/node';
import { cannotWrite } from '../files/cannot-write.ts';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { gatherRun, openRunImages } from '@fixres/runner/node';
import { isMissing, type Missing, renderReport, type ReportRun } from '@fixres/runs/report';
import type { RecordedRun } from '@fixres/runs';
import { similarInRun } from '../data-leaks/similar-in-run.ts';
import type { EngineOptions } from '../run/engine-options.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { Terminal } from '../terminal/terminal.ts';
import { interruptible } from '../terminal/interruptible.ts';

/** Options of `fixres report`, as the command line gives them. */
export interface ReportCommandOptions {
  out: string;
  images: boolean;
  /** Also shows the images that a trained model finds similar. */
  similar?: boolean;
  engine: EngineOptions['engine'];
  json?: boolean;
  quiet?: boolean;
}

const WITHOUT_IMAGES: Missing = { missing: 'The report was written without images.' };

/** Writes the report of runs in any state. */
export async function report(
  folders: readonly string[],
  options: ReportCommandOptions,
): Promise<void> {
  const { out, images, similar = false, engine, json = false, quiet = false } = options;
  if (similar && !images)
    throw new ExitError(
      exitCodes.usage,
      'error: Option --similar reads the images; leave out --no-images.',
    );
  const terminal = new Terminal({ quiet });
  await prepareOut(out);
  await interruptible(
    async (signal) => {
      const recorded: RecordedRun[] = [];
      for (const folder of folders) recorded.push(await loadRun(folder));
      // Without --similar nothing is computed; the engine only stores the models whose layers are counted.
      await useEngine({ engine: similar ? engine : 'cpu' });
      const runs: ReportRun[] = [];
      for (const run of recorded) {
        signal.throwIfAborted();
        terminal.progress(`Reading ${run.folder}`);
        runs.push(
          images
            ? await withImages(run, terminal, similar ? { engine, signal } : undefined)
            : await gatherRun(run, WITHOUT_IMAGES),
        );
      }
      const html = renderReport({ runs });
      await writeAside(out, html).catch((error: unknown) => {
        throw cannotWrite(out, error);
      });
      const { size } = await stat(out);
      const written = {
        report: out,
        bytes: size,
        runs: runs.map(({ folder, state, summary, config }) => ({
          folder,
          state,
          arms: config.experiment.arms.length,
          finishedArms: summary?.arms.length ?? 0,
        })),
      };
      terminal.result(json ? JSON.stringify(written) : resolve(out));
    },
    () => 'Interrupted. Nothing was written.',
  );
}

/** @param similar how a trained model finds similar images; undefined: none does */
async function withImages(
  run: RecordedRun,
  terminal: Terminal,
  similar: { engine: EngineOptions['engine']; signal: AbortSignal } | undefined,
): Promise<ReportRun> {
  const images = await openRunImages(run);
  if (isMissing(images)) {
    terminal.warn(
      `${run.folder}: the report has no pictures and no apparent sizes. ${images.missing}`,
    );
    return gatherRun(run, images);
  }
  try {
    const on = listenersOf(terminal);
    return await gatherRun(
      run,
      images,
      similar && (await similarInRun(run, images, { ...similar, on })),
    );
  } finally {
    await images.loader.close();
  }
}

/** Checks the place of the report before all runs are read. */
async function prepareOut(out: string): Promise<void> {
  if (!['.html', '.htm'].includes(extname(out).toLowerCase())) {
    throw new ExitError(
      exitCodes.usage,
      `error: Option --out is "${out}"; it must be a file that ends in .html.`,
    );
  }
  const there = await stat(out).catch(() => undefined);
  if (there?.isDirectory())
    throw new ExitError(
      exitCodes.usage,
      `error: Option --out is "${out}", which is a folder; it must be a file.`,
    );
  await mkdir(dirname(out), { recursive: true }).catch((error: unknown) => {
    throw cannotWrite(out, error);
  });
}
