import { ImageLoader } from '@fixres/data/node';
import { requireEngine, useEngine } from '@fixres/engine/node';
import { FixresRunnerError } from '@fixres/runner';
import { FixresRunsError, type Summary } from '@fixres/runs';
import { type ReopenedRun, RunFolder } from '@fixres/runs/node';
import { resumeWords } from '../dataset-words.ts';
import { conductRun } from '../run/conduct-run.ts';
import { imageLoading } from '../run/image-cache.ts';
import { resultForm, type RunOutputOptions, runTerminal } from '../run/output-options.ts';
import { readKnownImages, writeKnownImages } from '@fixres/runs/node';
import { prepareImages } from '../run/prepare-images.ts';
import { readRunConfig } from '@fixres/runs/node';
import { sourceOf } from '../run/source-of.ts';
import { changesSince, type RunEnvironment, runEnvironment } from '../run/run-environment.ts';
import type { RunConfig } from '@fixres/runs';
import { interruptedMessage, openChoice, printResult } from '../run/start-run.ts';
import type { Terminal } from '../terminal.ts';
import { runOfModel } from '../trained-run.ts';
import { interruptible } from './interruptible.ts';

interface GoOnOptions {
  /** Where the data set is now. */
  data: string | undefined;
  config: RunConfig;
  terminal: Terminal;
  signal: AbortSignal;
}

/** Options of `fixres resume`, as the command line gives them. */
export interface ResumeOptions extends RunOutputOptions {
  data?: string;
}

/** Goes on with a run that was interrupted, failed or killed, and prints its result. */
export async function resume(out: string, options: ResumeOptions): Promise<void> {
  const terminal = runTerminal(options);
  const summary = await interruptible(
    async (signal) => {
      const config = await readRunConfig(out);
      const run = await RunFolder.reopen(out);
      try {
        return await goOn(run, {
          config,
          data: options.data && sourceOf(options.data),
          terminal,
          signal,
        });
      } finally {
        await run.folder.close();
      }
    },
    () => interruptedMessage(out),
  );
  printResult(summary, { out, form: resultForm(options), terminal });
}

async function goOn(
  { folder, environment: began, events, saved, warnings }: ReopenedRun,
  { config, data, terminal, signal }: GoOnOptions,
): Promise<Summary> {
  // Runs of earlier versions, and files of other programs, may say nothing of the images.
  const { images: digests } = config as { images?: Partial<RunConfig['images']> | null };
  if (typeof digests?.train !== 'string' || typeof digests.heldOut !== 'string') {
    const message = `Run folder "${folder.path}" holds no run that can be gone on with: its config.json does not say which images it began with.`;
    throw new FixresRunsError('bad-run', message);
  }
  // Runs of earlier versions took what was there.
  const { device = 'auto' } = config as Partial<RunConfig>;
  requireEngine({ engine: config.engine, device });
  const dataset = await openChoice(
    { ...config.dataset, source: data ?? config.dataset.source },
    { classOrder: classesOf(events), terminal, signal },
  );
  const engine = await useEngine({
    engine: config.engine,
    device,
    because: 'as the run began',
    ...(config.deterministic ? { deterministic: { threads: config.threads } } : {}),
  });
  terminal.line(`Engine: ${engine.reason}`);
  const environment = runEnvironment(engine);
  const loader = new ImageLoader(imageLoading(config.dataset, config.diskCache));
  try {
    const images = await prepareImages(dataset, {
      choice: config.dataset,
      words: resumeWords,
      loader,
      terminal,
      signal,
    });
    for (const part of ['train', 'heldOut'] as const) {
      if (images.digests[part] === digests[part]) continue;
      const message = `The ${part === 'train' ? 'training' : 'held-out'} images of ${data ?? config.dataset.source} are not those that run "${folder.path}" began with.`;
      throw new FixresRunnerError('dataset-changed', message);
    }
    signal.throwIfAborted();
    if (began === undefined) await folder.writeEnvironment(environment);
    // Killed in between, or begun by an earlier version.
    if ((await readKnownImages(folder.path)) === undefined) {
      const stored = config.experiment.model.folder;
      const start = stored === undefined ? undefined : await runOfModel(stored);
      await writeKnownImages(folder.path, images, start && (await readKnownImages(start.folder)));
    }
    images.warnings.push(
      ...warnings,
      ...elsewhere(began as RunEnvironment | undefined, environment, {
        config,
        hasBegun: events.length > 0,
      }),
    );
    return await conductRun({
      folder,
      config,
      environment,
      images,
      loader,
      earlier: { events, saved },
      terminal,
      signal,
    });
  } finally {
    await loader.close();
  }
}

/** The order in which the run has its classes; undefined before its first event. */
function classesOf([first]: ReopenedRun['events']): readonly string[] | undefined {
  return first?.type === 'run-start' ? first.dataset.classes : undefined;
}

/** What to say where a run may give other numbers than where it began. */
function elsewhere(
  before: RunEnvironment | undefined,
  now: RunEnvironment,
  { config, hasBegun }: { config: RunConfig; hasBegun: boolean },
): string[] {
  if (before === undefined) {
    // Without an event nothing was computed.
    return hasBegun
      ? [
          'File environment.json of the run was missing or damaged, so whether the run goes on where it began is not known.',
        ]
      : [];
  }
  // A deterministic run keeps to its number of threads, however many cores there are.
  const changes = changesSince(
    before,
    config.deterministic ? { ...now, cores: before.cores } : now,
  );
  return changes.length === 0
    ? []
    : [
        `The run goes on elsewhere than it began, so its numbers may come out otherwise: ${changes.join('; ')}.`,
      ];
}
