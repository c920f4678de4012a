import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageLoader } from '@fixres/data/node';
import { useEngine } from '@fixres/engine/node';
import { FixresRunnerError } from '@fixres/runner';
import { RunFolder } from '@fixres/runner/node';
import { conductRun } from '../run/conduct-run.ts';
import { imageCaches } from '../run/image-cache.ts';
import { resultForm, type RunOutputOptions, runTerminal } from '../run/output-options.ts';
import { prepareImages } from '../run/prepare-images.ts';
import { changesSince, type RunEnvironment, runEnvironment } from '../run/run-environment.ts';
import type { RunConfig } from '../run/run-plan.ts';
import { interruptedMessage, openChoice, printResult } from '../run/start-run.ts';
import { interruptible } from './interruptible.ts';

/** Goes on with a run that was interrupted, failed or killed, and prints its result. */
export async function resume(out: string, options: RunOutputOptions): Promise<void> {
  const terminal = runTerminal(options);
  const { folder, config: stored, events } = await RunFolder.reopen(out);
  const config = stored as RunConfig;
  let isConducted = false;
  const summary = await interruptible(
    async (signal) => {
      const dataset = await openChoice(config.dataset, { terminal, signal });
      const engine = await useEngine({ engine: config.engine, ...(config.deterministic ? { deterministic: { threads: config.threads } } : {}) });
      terminal.line(`Engine: ${engine.reason}`);
      const environment = runEnvironment(engine);
      const loader = new ImageLoader(imageCaches(config.diskCache));
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
  printResult(summary, { out, form: resultForm(options), terminal });
}
