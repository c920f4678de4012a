// Trains an epoch of each arm in turn, once for each round, with two threads that read images. Prints
// the milliseconds of the steps of every epoch, and the part of the time in which they waited for images.
import { augmentNames, randomResizedCrop, resize, withAugment } from '@fixres/data';
import { ImageLoader, openDataset } from '@fixres/data/node';
import { useEngine } from '@fixres/engine';
import { runExperiment } from '@fixres/runner';
import {
  createCompiledForward,
  createCompiledTrainer,
  loaderSource,
  processMemory,
} from '@fixres/runner/node';
import { recipeSettings } from '@fixres/runs';

const { photos, folder, ...settings } = JSON.parse(process.argv[2]);
const { engine: engineName, model, width, size, batch, steps, rounds, cases, workers } = settings;
const engine = await useEngine({ engine: engineName });
const { examples, classNames } = await openDataset(photos, { cacheFolder: folder });
// Photos that are missing for whole batches are repeated; every n-th, so that all classes are included.
const images = steps * batch;
const chosen = Array.from(
  { length: images },
  (_, i) => examples[Math.floor((i * Math.max(examples.length / images, 1)) % examples.length)],
);
const loader = new ImageLoader({ threads: workers, cacheBytes: 2 ** 30 });

const trainPolicy = randomResizedCrop(size);
const plain = {
  name: 'plain',
  description: '',
  initFrom: null,
  trainPolicy,
  testPolicy: resize(size),
  epochs: 1,
  schedule: { type: 'constant', rate: 1e-4 },
  freeze: 'all',
};

/** An arm with a recipe, or with one augmentation. */
function armOf(name) {
  if (augmentNames.includes(name))
    return { ...plain, name, trainPolicy: withAugment(trainPolicy, [name]) };
  const { settings: recipe, augment } = recipeSettings(name, { epochs: 1, updateImages: batch });
  return { ...plain, ...recipe, name, trainPolicy: withAugment(trainPolicy, augment) };
}

const turns = [];
let before;
await runExperiment(
  {
    model: { name: model, width },
    // The plain arm twice: how far apart they are is the noise of the others.
    arms: [plain, ...cases.map(armOf), { ...plain, name: 'plain-again' }],
    evaluations: [plain.testPolicy],
    comparisons: [],
    // The first round warms up threads, compilers and the cache of decoded images.
    seeds: Array.from({ length: rounds + 1 }, (_, seed) => seed),
    batchSize: batch,
    activations: false,
  },
  {
    engine,
    dataset: { name: 'photos', classes: classNames, train: images, heldOut: batch, skipped: 0 },
    train: loaderSource(loader, chosen),
    heldOut: loaderSource(loader, chosen.slice(0, batch)),
    memory: processMemory(),
    createTrainer: createCompiledTrainer,
    createForward: createCompiledForward,
    onEvent: ({ type, arm, seed, ...event }) => {
      const now = performance.now();
      if (type === 'warning') process.stderr.write(`${event.message}\n`);
      if (type === 'arm-start') turns.push({ arm, round: seed, ms: [] });
      // The first step of an arm is compiled.
      if (type === 'progress' && event.phase === 'train') {
        if (event.step > 1) turns.at(-1).ms.push(now - before);
        turns.at(-1).stall = event.stall;
        before = now;
      }
    },
  },
);
await loader.close();
process.stdout.write(
  `${JSON.stringify({ versions: engine.versions, turns: turns.filter(({ round }) => round > 0) })}\n`,
);
process.exit(0);
