import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageLoader } from '@fixres/data/node';
import { useEngine } from '@fixres/engine/node';
import { FixresRunnerError } from '@fixres/runner';
import { RunFolder } from '@fixres/runner/node';
import { conductRun } from '../run/conduct-run.ts';
import { prepareImages } from '../run/prepare-images.ts';
import { changesSince, type RunEnvironment, runEnvironment } from '../run/run-environment.ts';
import type { RunConfig } from '../run/run-plan.ts';
import { imageCacheBytes, interruptedMessage, openChoice, printResult } from '../run/start-run.ts';
import { Terminal } from '../terminal.ts';
import { interruptible } from './interruptible.ts';

/** Options of `fixres resume`, as the command line gives them. */
export interface ResumeOptions {
  json?: boolean;
  quiet?: boolean;
}

/** Goes on with a run that was interrupted, failed or killed, and prints its result. */
export async function resume(out: string, options: ResumeOptions): Promise<void> {
  const terminal = new Terminal({ quiet: options.quiet ?? false });
  const { folder, config: stored, events } = await RunFolder.reopen(out);
  const config = stored as RunConfig;
  let isConducted = false;
  const summary = await interruptible(
    async (signal) => {
      const dataset = await openChoice(config.dataset, { terminal, signal });
      const engine = await useEngine({ engine: config.engine, ...(config.deterministic ? { deterministic: { threads: config.threads } } : {}) });
      terminal.line(`Engine: ${engine.reason}`);
      const environment = runEnvironment(engine);
      const loader = new ImageLoader({ cacheBytes: imageCacheBytes() });
      try {
        const images = await prepareImages(dataset, { choice: config.dataset, loader, terminal, signal });
        for (const part of ['train', 'heldOut'] as const) {
          if (images.digests[part] === config.images[part]) continue;
          const message = `The ${part === 'train' ? 'training' : 'held-out'} images of ${config.dataset.source} are not those that run "${out}" began with.`;
          throw new FixresRunnerError('dataset-changed', message);
        }
        const before = JSON.parse(await readFile(join(out, 'environment.json'), 'utf8')) as RunEnvironment;
        // A deterministic run keeps to its number of threads, however many cores there are.
        const changes = changesSince(before, config.deterministic ? { ...environment, cores: before.cores } : environment);
        if (changes.length > 0) images.warnings.push(`The run goes on elsewhere than it began, so its numbers may come out otherwise: ${changes.join('; ')}.`);
        isConducted = true;
        return await conductRun({ folder, config, environment, images, loader, earlier: events, terminal, signal });
      } finally {
        await loader.close();
      }
    },
    () => interruptedMessage(out),
  ).finally(() => (isConducted ? undefined : folder.close()));
  printResult(summary, { out, json: options.json ?? false, terminal });
}
