// FixRes on your own photos, in TypeScript: from a folder of class folders to a fine-tuned model
// and its accuracy.
//
//   node dist/own-photos.js PHOTOS OUT [small] [large] [epochs]
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fixresFinetune, fixresTest, resize, sampledBoundingBoxCrop } from '@fixres/data';
import { ImageLoader, openDataset, splitByHash } from '@fixres/data/node';
import { useEngine } from '@fixres/engine';
import { saveModelFolder } from '@fixres/models/node';
import type { Experiment } from '@fixres/runs';
import { runExperiment } from '@fixres/runner';
import { loaderSource, processMemory } from '@fixres/runner/node';

const [photos = 'photos', out = 'model', small = '64', large = '112', epochs = '12'] =
  process.argv.slice(2);
const sizes = { trainSize: Number(small), size: Number(large) };

const dataset = await openDataset(photos, { cacheFolder: join(homedir(), '.cache', 'fixres') });
const { train, heldOut } = splitByHash(dataset);
const engine = await useEngine();
console.log(
  `${dataset.classNames.length} classes, ${train.length} training photos, on ${engine.reason}`,
);

// Two arms are enough to get a model: train at the small size, then fine-tune the last
// normalisation and the classifier at the large size.
const experiment: Experiment = {
  model: { name: 'resnet14v2', width: 16 },
  arms: [
    {
      name: 'small',
      description: 'From scratch with random crops.',
      initFrom: null,
      trainPolicy: sampledBoundingBoxCrop(sizes.trainSize),
      testPolicy: resize(sizes.trainSize),
      epochs: Number(epochs),
      schedule: { type: 'constant', rate: 1e-3 },
      freeze: 'all',
    },
    {
      name: 'fixres',
      description: 'Fine-tuned with test-like crops.',
      initFrom: 'small',
      trainPolicy: fixresFinetune(sizes),
      testPolicy: fixresTest(sizes),
      epochs: Math.ceil(Number(epochs) / 3),
      schedule: { type: 'constant', rate: 1e-4 },
      freeze: 'classifier+last-bn',
    },
  ],
  evaluations: [resize(sizes.trainSize), fixresTest(sizes)],
  comparisons: [{ a: 'fixres', b: 'small', policy: 'own' }],
  seeds: [0],
  batchSize: 32,
  normStatistics: 'precise',
};

await mkdir(out, { recursive: true });
const loader = new ImageLoader();
const summary = await runExperiment(experiment, {
  engine,
  dataset: {
    name: dataset.name,
    classes: dataset.classNames,
    train: train.length,
    heldOut: heldOut.length,
    skipped: 0,
  },
  train: loaderSource(loader, train),
  heldOut: loaderSource(loader, heldOut),
  memory: processMemory(),
  onEvent: (event) => {
    if (event.type === 'epoch')
      console.log(`${event.arm} epoch ${event.epoch + 1}: loss ${event.loss.toFixed(3)}`);
  },
  onModel: (arm, _seed, model, card) => saveModelFolder(model, join(out, arm), card),
});
await loader.close();

for (const { name, evaluations, ownEvaluation } of summary.arms) {
  const { accuracy, ci95 } = evaluations[ownEvaluation]!;
  const [low, high] = ci95.map((value) => (value * 100).toFixed(1));
  console.log(`${name}: ${(accuracy * 100).toFixed(1)} % (95 % interval ${low} to ${high})`);
}
console.log(`fixres against small: ${summary.comparisons[0]!.verdict}`);
