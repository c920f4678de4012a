import { existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { type ImageDataset, ImageLoader } from '@fixres/data/node';
import { defaultCacheFolder, useEngine } from '@fixres/engine/node';
import type { Summary } from '@fixres/runner';
import { RunFolder } from '@fixres/runner/node';
import { interruptible } from '../commands/interruptible.ts';
import { refuseUsedFolder } from '../run-place.ts';
import { resolveDataset } from '../resolve-dataset.ts';
import { splitFor } from '../split-for.ts';
import { summaryText } from '../summary-text.ts';
import type { Terminal } from '../terminal.ts';
import { conductRun } from './conduct-run.ts';
import { imageSizes } from './image-sizes.ts';
import { prepareImages } from './prepare-images.ts';
import { runEnvironment } from './run-environment.ts';
import type { DatasetChoice, RunConfig, RunPlan } from './run-plan.ts';

export interface StartRunOptions {
  out: string;
  json: boolean;
  terminal: Terminal;
}

/** Begins a run in a new folder, and prints its result. */
export async function startRun(plan: RunPlan, { out, json, terminal }: StartRunOptions): Promise<void> {
  const { experiment: makeExperiment, ...rest } = plan;
  await refuseUsedFolder(out);
  const summary = await interruptible(
    async (signal) => {
      let opened: Promise<ImageDataset> | undefined;
      const open = (): Promise<ImageDataset> => (opened ??= openChoice(plan.dataset, { terminal, signal }));
      const experiment = await makeExperiment(async () => imageSizes(splitFor(await open(), plan.dataset).train, { terminal, signal }), open);
      const dataset = await open();
      splitFor(dataset, plan.dataset);
      const threads = availableParallelism();
      const engine = await useEngine({ engine: plan.engine, ...(plan.deterministic ? { deterministic: { threads } } : {}) });
      terminal.line(`Engine: ${engine.reason}`);
      const loader = new ImageLoader({ cacheBytes: imageCacheBytes() });
      try {
        const images = await prepareImages(dataset, { choice: plan.dataset, loader, terminal, signal });
        // The engine that was found, so that the run goes on with the same one.
        const config: RunConfig = { ...rest, engine: engine.name, experiment, threads, images: images.digests };
        const environment = runEnvironment(engine);
        const folder = await RunFolder.create(out, config, environment);
        return await conductRun({ folder, config, environment, images, loader, earlier: undefined, terminal, signal });
      } finally {
        await loader.close();
      }
    },
    () => interruptedMessage(out),
  );
  printResult(summary, { out, json, terminal });
}

/** Opens the data set of a run. */
export function openChoice({ source, archive }: DatasetChoice, options: { terminal: Terminal; signal: AbortSignal }): Promise<ImageDataset> {
  return resolveDataset(source, { cacheFolder: defaultCacheFolder(), archive, ...options });
}

/** Decoded images are kept up to a sixteenth of the memory, a gigabyte at most: small data sets are then decoded only once. */
export function imageCacheBytes(): number {
  return Math.floor(Math.min(totalmem() / 16, 1e9));
}

export function interruptedMessage(out: string): string {
  return existsSync(out) ? `Interrupted. What was done so far is in ${out}; go on with: fixres resume ${out}` : 'Interrupted. Nothing was written.';
}

export function printResult(summary: Summary, { out, json, terminal }: StartRunOptions): void {
  terminal.line();
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${summaryText(summary)}\n`);
  terminal.line(`\nRun folder: ${resolve(out)}\nReport:     ${resolve(out, 'report.html')}`);
}

