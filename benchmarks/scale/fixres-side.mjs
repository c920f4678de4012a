// Trains one epoch on a number of photos, all decoded from their files. Prints its seconds, peak
// memory and versions.
import { resizeFlip } from '@fixres/data';
import { ImageLoader, openDataset } from '@fixres/data/node';
import { useEngine } from '@fixres/engine';
import { applyFreezePolicy } from '@fixres/finetune';
import { Adam, resNet14V2 } from '@fixres/models';
import { noProgress } from '@fixres/runs';
import { trainArm } from '@fixres/runner/training';
import { createCompiledTrainer, loaderSource, processMemory } from '@fixres/runner/node';
import { quietTraining } from '../quiet-training.mjs';

const [photos, images, size, folder, engine] = process.argv.slice(2);
const batchSize = 16;
const { versions } = await useEngine({ engine });
const { examples } = await openDataset(photos, { cacheFolder: folder });
const loader = new ImageLoader();
const model = resNet14V2({ classes: 5, width: 8, rescaling: { scale: 1 / 127.5, offset: -1 } });
const policy = resizeFlip(Number(size));
const sourceOf = (count) => loaderSource(loader, examples.slice(0, count));
const trainer = await createCompiledTrainer({
  model,
  handle: await applyFreezePolicy(model, 'all'),
  optimizer: new Adam(),
  spec: { trainPolicy: policy },
  seed: 0,
  batchSize,
  precision: 'float32',
  train: sourceOf(batchSize),
  onWarning: (message) => process.stderr.write(`${message}\n`),
});
const epochOf = (count) =>
  trainArm({
    trainer,
    progress: noProgress(),
    source: sourceOf(count),
    policy,
    batchSize,
    epochs: 1,
    ...quietTraining,
  });
// Start threads, compilers and pools before the measurement.
await epochOf(4 * batchSize);
const began = performance.now();
await epochOf(Number(images));
process.stdout.write(
  `${JSON.stringify({ seconds: (performance.now() - began) / 1000, peakRssMb: processMemory().peakMb(), versions })}\n`,
);
await loader.close();
process.exit(0);
