// Ten epochs of fine-tuning on cached features for each line on stdin. Prints its version, then one
// JSON object per round.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fixresFinetune, fixresTest } from '@fixres/data';
import { ImageLoader, openDataset } from '@fixres/data/node';
import { useEngine } from '@fixres/engine';
import { applyFreezePolicy } from '@fixres/finetune';
import { fileStore } from '@fixres/finetune/node';
import { Adam, resNet50V2 } from '@fixres/models';
import { cachedTrainer, cacheFeatures, eagerTrainer, trainArm } from '@fixres/runner/training';
import { noProgress } from '@fixres/runs';
import { compileTrunk, loaderSource } from '@fixres/runner/node';
import { quietTraining } from '../quiet-training.mjs';

const [photos, list, epochs, batchSize, memoryMb, folder, precision, width] = process.argv.slice(2);
const engine = await useEngine({ engine: 'tensorflow' });
const wanted = new Set(readFileSync(list, 'utf8').trim().split('\n'));
const examples = (await openDataset(photos, { cacheFolder: folder })).examples.filter(({ id }) =>
  wanted.has(id),
);
const sizes = { trainSize: 128, size: 224 };
process.stdout.write(
  `${JSON.stringify({
    version: Object.entries(engine.versions)
      .map((entry) => entry.join(' '))
      .join(', '),
    images: examples.length,
  })}\n`,
);

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'go') continue;
  const loader = new ImageLoader();
  const began = performance.now();
  const model = resNet50V2({
    classes: 5,
    width: Number(width),
    rescaling: { scale: 1 / 127.5, offset: -1 },
  });
  const handle = await applyFreezePolicy(model, 'classifier+last-bn');
  const source = loaderSource(loader, examples);
  const settings = {
    budget: { memoryBytes: Number(memoryMb) * 1e6, diskBytes: Infinity },
    openFile: (name, layout) => fileStore({ file: `${folder}/${name}`, ...layout }),
    createTrunk: compileTrunk,
  };
  const options = {
    trainPolicy: fixresFinetune(sizes),
    testPolicy: fixresTest(sizes),
    epochs: Number(epochs),
    batchSize: Number(batchSize),
  };
  const { plan, cached } = await cacheFeatures({
    ...options,
    model,
    handle,
    train: source,
    heldOut: source,
    trunkPrecision: precision,
    settings,
  });
  const optimizer = new Adam();
  const trainer = cached
    ? cachedTrainer(model, handle, optimizer, cached.split)
    : eagerTrainer(model, handle, optimizer);
  const progress = noProgress();
  await trainArm({
    trainer,
    progress,
    source: cached?.train ?? source,
    policy: options.trainPolicy,
    batchSize: options.batchSize,
    epochs: options.epochs,
    ...quietTraining,
  });
  const seconds = (performance.now() - began) / 1000;
  await handle.verify({ strict: true });
  await cached?.dispose();
  for (const part of [trainer, optimizer, model]) part.dispose();
  await loader.close();
  const epochSeconds = progress.curve.map((epoch) => epoch.seconds);
  const peakRssMiB = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(
    `${JSON.stringify({ seconds, epochSeconds, peakRssMiB, loss: progress.curve.at(-1).loss, note: plan.explanation })}\n`,
  );
}
