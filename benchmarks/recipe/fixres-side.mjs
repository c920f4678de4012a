// Prints the versions, then a line of JSON for each line on stdin. The first lines compile an arm each and
// name it. Each further line trains a few steps of every arm in turn, with threads that read images
// meanwhile, and gives the milliseconds of each arm's steps, and the fraction of them in which they
// waited for images. The trainers of all arms stay compiled between their turns.
import { createInterface } from 'node:readline';
import { augmentNames, randomResizedCrop, withAugment } from '@fixres/data';
import { ImageLoader, openDataset } from '@fixres/data/node';
import { useEngine } from '@fixres/engine';
import { applyFreezePolicy } from '@fixres/finetune';
import { createModel } from '@fixres/models';
import { measureReading } from '@fixres/runner';
import { createCompiledTrainer, loaderSource } from '@fixres/runner/node';
import { createOptimizer, trainArm, trainingRules } from '@fixres/runner/training';
import { noProgress, recipeSettings } from '@fixres/runs';
import { quietTraining } from '../quiet-training.mjs';

const { photos, folder, ...settings } = JSON.parse(process.argv[2]);
const { engine: engineName, model: name, width, size, batch, steps, cases, workers } = settings;
const { versions } = await useEngine({ engine: engineName });
const { examples, classNames } = await openDataset(photos, { cacheFolder: folder });
const classes = classNames.length;
const loader = new ImageLoader({ threads: workers, cacheBytes: 2 ** 30 });

// More batches than a turn trains on, so that each step has one read meanwhile. Photos that are
// missing are repeated; every n-th, so that all classes are included.
const ahead = 2 * workers;
const images = (steps + ahead) * batch;
const source = loaderSource(
  loader,
  Array.from(
    { length: images },
    (_, i) => examples[Math.floor((i * Math.max(examples.length / images, 1)) % examples.length)],
  ),
);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
say({ versions });

const arms = [];
for (const arm of ['plain', ...cases]) {
  await lines.next();
  arms.push(await started(arm));
  await train(arms.at(-1), { seed: 0, steps: 1 });
  say({ arm });
}
// The plain arm twice: how far apart both are is the noise of the others.
const turns = [...arms, { ...arms[0], name: 'plain-again' }];
for (let round = 1; !(await lines.next()).done; round++) {
  const times = [];
  for (const arm of turns)
    times.push({ arm: arm.name, read: arm.read, ...(await train(arm, { seed: round, steps })) });
  say(times);
}
await loader.close();
process.exit(0);

/** An arm with its own weights and trainer. Its images are read once, so that they are decoded. */
async function started(arm) {
  const spec = specOf(arm);
  const model = createModel(name, {
    classes,
    width,
    rescaling: { scale: 1 / 127.5, offset: -1 },
    seed: 0,
  });
  const handle = await applyFreezePolicy(model, 'all');
  const trainer = await createCompiledTrainer({
    model,
    handle,
    optimizer: createOptimizer(spec, handle, []),
    average: undefined,
    spec,
    rules: trainingRules(spec, model, { classes, images: undefined }),
    size,
    seed: 0,
    batchSize: batch,
    precision: 'float32',
    train: source,
    onWarning: (message) => process.stderr.write(`${message}\n`),
    signal: undefined,
  });
  const { mean } = await measureReading(source, spec.trainPolicy, { batchSize: batch, seconds: 0 });
  return { name: arm, spec, trainer, read: mean * 1000 };
}

/** An arm without anything, with a recipe, or with one augmentation. */
function specOf(arm) {
  const trainPolicy = randomResizedCrop(size);
  const plain = { ...quietTraining, name: arm, trainPolicy };
  if (arm === 'plain') return plain;
  if (augmentNames.includes(arm)) return { ...plain, trainPolicy: withAugment(trainPolicy, [arm]) };
  const { settings: recipe, augment } = recipeSettings(arm, { epochs: 1, updateImages: batch });
  return { ...plain, ...recipe, trainPolicy: withAugment(trainPolicy, augment) };
}

/** A few steps. The first one is not measured: it waits for the first images, and may be compiled. */
async function train({ spec, trainer }, { seed, steps: taken }) {
  const ms = [];
  const progress = noProgress();
  let since;
  let waitedBefore;
  let waited = 0;
  await trainArm({
    ...quietTraining,
    ...spec,
    trainer,
    source,
    policy: spec.trainPolicy,
    batchSize: batch,
    epochs: 1,
    steps: taken,
    seed,
    classes,
    progress,
    onStep: () => {
      const now = performance.now();
      if (since !== undefined) ms.push(now - since);
      waitedBefore ??= progress.waited;
      waited = 1000 * (progress.waited - waitedBefore);
      since = now;
    },
  });
  return { ms, stall: waited / ms.reduce((sum, each) => sum + each, 0) };
}

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
