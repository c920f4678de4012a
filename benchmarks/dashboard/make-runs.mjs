import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ARMS = ['small', 'untuned', 'fixres', 'control', 'vanilla-equal-cost', 'vanilla'];
const CLASSES = ['daisy', 'dandelion', 'roses', 'sunflowers', 'tulips'];
/** Prediction files of the large run: one for each concurrent slow request. */
const EVALUATIONS = ['resize@64', 'resize@112', 'shortSideCrop@112', 'shortSideCrop@64'];
const STEPS_PER_EPOCH = 500;

const policy = (name, size) => ({
  version: 1,
  name,
  output: { width: size, height: size },
  steps: [{ op: 'resize', width: size, height: size, interpolation: 'bilinear', antialias: true }],
});

function configOf(learningRate) {
  const arms = ARMS.map((name, i) => ({
    name,
    description: `The arm ${name}.`,
    initFrom: i > 0 && i < 4 ? 'small' : null,
    trainPolicy: policy('randomResizedCrop', 64),
    testPolicy: policy('resize', 64),
    epochs: 30,
    schedule: { type: 'cosine', rate: learningRate, warmUp: { epochs: 2 } },
    optimizer: {
      type: 'sgd',
      momentum: 0.9,
      nesterov: true,
      weightDecay: { rate: 0.0001, kind: 'decoupled' },
    },
    freeze: i > 0 && i < 4 ? 'classifier+last-bn' : 'all',
  }));
  const evaluations = EVALUATIONS.map((key) =>
    policy(key.split('@')[0], Number(key.split('@')[1])),
  );
  return {
    command: 'fixres run experiment.yaml',
    dataset: { source: 'synthetic' },
    experiment: {
      model: { name: 'resnet50v2', width: 32 },
      arms,
      evaluations,
      comparisons: [],
      seeds: [0],
      batchSize: 32,
    },
  };
}

/**
 * Creates a run folder with a log, and a summary if it is finished. @param events progress events
 * of all arms together
 */
function makeRun(folder, { events, learningRate, startedAt }) {
  for (const name of ['predictions', 'models']) mkdirSync(join(folder, name), { recursive: true });
  const config = configOf(learningRate);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config, null, 2));
  const lines = [];
  const add = (event) =>
    lines.push(
      JSON.stringify({
        n: lines.length,
        time: new Date(startedAt + lines.length * 250).toISOString(),
        ...event,
      }),
    );
  const dataset = {
    name: 'synthetic',
    classes: CLASSES,
    train: 16_000,
    heldOut: 50_000,
    skipped: 0,
  };
  add({
    type: 'run-start',
    format: 1,
    engine: { name: 'native', device: 'cpu', reason: 'as chosen', versions: {} },
    dataset,
    config,
  });
  const each = Math.ceil(events / ARMS.length);
  for (const arm of ARMS) {
    add({
      type: 'arm-start',
      arm,
      seed: 0,
      epochs: 30,
      stepsPerEpoch: STEPS_PER_EPOCH,
      trainableParameters: 1e6,
    });
    for (let i = 1; i <= each; i++) {
      const epoch = Math.floor((i - 1) / STEPS_PER_EPOCH);
      const step = ((i - 1) % STEPS_PER_EPOCH) + 1;
      // As long as in real training: a float32 number has up to 17 digits in JSON.
      const noise = Math.sin(i * 12.9898) * 0.1;
      add({
        type: 'progress',
        arm,
        seed: 0,
        phase: 'train',
        epoch,
        epochs: 30,
        step,
        steps: STEPS_PER_EPOCH,
        loss: 2 / (1 + i / 1000) + noise + 0.2,
        accuracy: 1 - 1 / (1.5 + i / 2000) + noise / 5,
        imagesPerSecond: 330 + noise * 100,
        stall: 0.0123,
        etaSeconds: (each - i) / 4,
        rssMb: 900 + (i % 50),
        tensors: 412,
        learningRate: 0.01 * Math.cos(i / each),
      });
      if (step === STEPS_PER_EPOCH || i === each)
        add({
          type: 'epoch',
          arm,
          seed: 0,
          epoch,
          loss: 1,
          accuracy: 0.5,
          heldOutAccuracy: 0.4,
          imagesPerSecond: 330,
          seconds: 60,
        });
    }
  }
  add({ type: 'run-end', seconds: 100 });
  writeFileSync(join(folder, 'events.jsonl'), `${lines.join('\n')}\n`);
  const tested = EVALUATIONS.map((key) => ({
    policy: key.split('@')[0],
    size: Number(key.split('@')[1]),
    accuracy: 0.75,
    ci95: [0.7, 0.8],
    correct: 75,
    total: 100,
  }));
  const summary = {
    format: 1,
    seconds: 100,
    comparisons: [],
    arms: ARMS.map((name) => ({
      name,
      trainSize: 64,
      initFrom: null,
      ownEvaluation: 0,
      evaluations: tested,
    })),
  };
  writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary));
}

/**
 * Predictions on this many images of five classes, as a run writes them; the other files are links
 * to the first.
 */
function makePredictions(folder, images) {
  const lines = [];
  for (let i = 0; i < images; i++) {
    const weights = CLASSES.map((_, k) => Math.exp(3 * Math.sin(i * 7.13 + k * 2.9)));
    const sum = weights.reduce((a, b) => a + b, 0);
    const label = CLASSES[i % CLASSES.length];
    lines.push(
      JSON.stringify({
        file: `${label}/${String(i).padStart(6, '0')}.jpg`,
        label,
        probabilities: weights.map((w) => Number((w / sum).toPrecision(9))),
      }),
    );
  }
  const names = ARMS.flatMap((arm) =>
    EVALUATIONS.map((evaluation) => `${arm}-seed0-${evaluation}.jsonl`),
  );
  const first = join(folder, 'predictions', names[0]);
  writeFileSync(first, `${lines.join('\n')}\n`);
  for (const name of names.slice(1)) linkSync(first, join(folder, 'predictions', name));
  return names;
}

/**
 * Creates a runs folder with one large run, `large`, and many small ones. @returns names of the
 * large run's prediction files
 */
export function makeRuns(root, { events, images, runs }) {
  const large = join(root, 'large');
  makeRun(large, { events, learningRate: 0.01, startedAt: Date.UTC(2026, 10, 1) });
  for (let i = 0; i < runs; i++)
    makeRun(join(root, `run-${String(i).padStart(3, '0')}`), {
      events: 60,
      learningRate: 10 ** -(1 + (i % 5)),
      startedAt: Date.UTC(2026, 9, 1) + i * 60_000,
    });
  return makePredictions(large, images);
}
