import { resize, resizeFlip } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { viewImages } from '../../test/view-images.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import type {
  ArmSpec,
  EngineRecord,
  Experiment,
  RunEventInput,
  StateArrays,
  Summary,
} from '@fixres/runs';
import { readWeights } from '../training/model-weights.ts';
import { runExperiment } from '../arms/run-experiment.ts';
import type { RunExperimentOptions } from '../arms/run-experiment-options.ts';

let engine: EngineRecord;
beforeAll(async () => {
  engine = await useEngine({ engine: 'wasm' });
});

const base: ArmSpec = {
  name: 'base',
  description: '',
  initFrom: null,
  trainPolicy: resizeFlip(32),
  testPolicy: resize(32),
  epochs: 2,
  schedule: { type: 'constant', rate: 3e-3 },
  freeze: 'all',
};
const tuned: ArmSpec = {
  ...base,
  name: 'tuned',
  initFrom: 'base',
  epochs: 2,
  freeze: 'classifier+last-bn',
};
const still: ArmSpec = {
  ...base,
  name: 'still',
  initFrom: 'base',
  epochs: 0,
  freeze: 'bn-recalibrate',
};

function experimentOf(arms: ArmSpec[], more: Partial<Experiment> = {}): Experiment {
  return {
    model: { name: 'resnet14v2', width: 4 },
    arms,
    evaluations: [resize(32)],
    comparisons: [],
    seeds: [0],
    batchSize: 8,
    activations: false,
    ...more,
  };
}

interface Outcome {
  summary: Summary;
  weights: Map<string, StateArrays>;
  events: RunEventInput[];
}

async function run(
  experiment: Experiment,
  overrides: Partial<RunExperimentOptions> = {},
): Promise<Outcome> {
  const weights: Outcome['weights'] = new Map();
  const events: RunEventInput[] = [];
  const summary = await runExperiment(experiment, {
    engine,
    dataset: { name: 'made', classes: ['above', 'below'], train: 28, heldOut: 16, skipped: 0 },
    train: viewImages(28, 1),
    heldOut: viewImages(16, 2),
    memory: { reset: () => undefined, peakMb: () => 1, nowMb: () => 1 },
    onEvent: (event) => events.push(event),
    onModel: async (arm, _seed, model) => void weights.set(arm, await readWeights(model)),
    ...overrides,
  });
  return { summary, weights, events };
}

const isStatistic = (name: string): boolean => /moving_(mean|variance)$/.test(name);
const named = (state: StateArrays, keeps: (name: string) => boolean): [string, unknown][] =>
  [...state].filter(([name]) => keeps(name));
const estimates = (events: RunEventInput[]): unknown[] =>
  events.flatMap((event) =>
    event.type === 'norm-statistics' ? [[event.arm, event.when, event.norms, event.images]] : [],
  );
const warnings = (events: RunEventInput[]): string[] =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

describe('re-estimated statistics', () => {
  let precise: Outcome;
  /** Tensors after the run that did not exist before it. */
  let leaked: number;
  beforeAll(async () => {
    const before = tf.memory().numTensors;
    precise = await run(experimentOf([base], { normStatistics: 'precise' }));
    leaked = tf.memory().numTensors - before;
  });

  it('do not change the training, only the evaluation', async () => {
    const before = tf.memory().numTensors;
    const running = await run(experimentOf([base]));
    expect(tf.memory().numTensors).toBe(before);
    expect(leaked).toBe(0);
    const losses = ({ summary }: Outcome): number[] =>
      summary.arms[0]!.curves[0]!.epochs.map(({ loss }) => loss);
    expect(losses(precise)).toEqual(losses(running));
    const [one, other] = [running.weights.get('base')!, precise.weights.get('base')!];
    expect(named(other, (name) => !isStatistic(name))).toEqual(
      named(one, (name) => !isStatistic(name)),
    );
    for (const [name, { values }] of one)
      if (isStatistic(name)) expect(other.get(name)!.values, name).not.toEqual(values);
    // 3 whole batches from 28 images.
    expect(estimates(precise.events)).toEqual([['base', 'after-training', 13, 24]]);
    expect(estimates(running.events)).toEqual([]);
    // After 8 steps at momentum 0.99, most of the initial value remains.
    expect(warnings(running.events)).toEqual([
      expect.stringContaining(
        'Arm "base" has 8 steps, too few for running statistics with momentum 0.99',
      ),
    ]);
    expect(warnings(precise.events)).toEqual([]);
  });

  it('count as training, and the time estimate ends at 0', () => {
    const { summary, events } = precise;
    const seconds = events.flatMap((event) =>
      event.type === 'norm-statistics' ? [event.seconds] : [],
    );
    const { curves, trainSeconds } = summary.arms[0]!;
    const ofEpochs = curves[0]!.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
    expect(trainSeconds).toBeCloseTo(ofEpochs + seconds[0]!, 6);
    const progress = events.filter((event) => event.type === 'progress');
    expect(progress.at(-1)!.etaSeconds).toBeCloseTo(0, 6);
    // After each of two epochs and at the end, three batches each.
    expect(progress.filter(({ phase }) => phase === 'statistics')).toHaveLength(9);
  });

  it('are estimated once per evaluation of an arm that ends within an epoch, from the images of its last epoch', async () => {
    const arm: ArmSpec = { ...base, epochs: 5, steps: 6, earlyStopping: { patience: 5 } };
    const train = viewImages(28, 1);
    const passes: number[] = [];
    const noted: typeof train = {
      ...train,
      batches: (pass) => {
        passes.push(pass.epoch);
        return train.batches(pass);
      },
    };
    const { events } = await run(experimentOf([arm], { normStatistics: 'precise' }), {
      train: noted,
      onEpoch: () => Promise.resolve(),
    });
    const progress = events.filter((event) => event.type === 'progress');
    // After two epochs and at the end, three batches each, regardless of how often the model is
    // requested.
    expect(progress.filter(({ phase }) => phase === 'statistics')).toHaveLength(9);
    expect(new Set(progress.map(({ epoch, epochs }) => `${epoch} of ${epochs}`))).toEqual(
      new Set(['0 of 2', '1 of 2']),
    );
    expect(progress.at(-1)!.etaSeconds).toBeCloseTo(0, 6);
    // Train, estimate, train, estimate, estimate.
    expect(passes).toEqual([0, 1, 1, 1, 1]);
    const running = await run(experimentOf([arm]));
    expect(warnings(running.events)).toEqual([
      expect.stringContaining('Arm "base" has 6 steps, too few'),
    ]);
  });

  it('are used to evaluate each epoch, and are restored with the best epoch', async () => {
    const arm: ArmSpec = { ...base, epochs: 4, earlyStopping: { patience: 4 } };
    const byEpoch: StateArrays[] = [];
    const { summary, weights } = await run(experimentOf([arm], { normStatistics: 'precise' }), {
      onEpoch: async (_arm, _seed, { heldOutAccuracy }, model) => {
        const { correct } = await evaluate(model, viewImages(16, 2), {
          policy: resize(32),
          batchSize: 8,
        });
        expect(correct.reduce((sum, one) => sum + one, 0) / 16).toBe(heldOutAccuracy);
        byEpoch.push(await readWeights(model));
      },
    });
    const accuracies = summary.arms[0]!.curves[0]!.epochs.map(
      ({ heldOutAccuracy }) => heldOutAccuracy,
    );
    const best = byEpoch[accuracies.indexOf(Math.max(...accuracies))]!;
    // Here an estimate after an epoch uses as many images as one at the end, so the statistics are
    // equal too.
    expect(weights.get('base')).toEqual(best);
  });

  it('are the same from cached features as from images', async () => {
    const experiment = experimentOf([base, tuned], { normStatistics: 'precise' });
    const kept = await run(experiment);
    const whole = await run(experiment, { features: { budget: { memoryBytes: 0, diskBytes: 0 } } });
    const where = ({ events }: Outcome): unknown[] =>
      events.flatMap((event) => (event.type === 'feature-cache' ? [event.where] : []));
    expect([where(kept), where(whole)]).toEqual([['memory'], ['nowhere']]);
    expect(estimates(kept.events)).toEqual([
      ['base', 'after-training', 13, 24],
      ['tuned', 'after-training', 1, 24],
    ]);
    expect(estimates(whole.events)).toEqual(estimates(kept.events));
    for (const [name, { values }] of whole.weights.get('tuned')!) {
      const other = kept.weights.get('tuned')!.get(name)!.values;
      const scale = Math.max(...values.map(Math.abs));
      expect(
        Math.max(...values.map((value, i) => Math.abs(value - other[i]!))),
        name,
      ).toBeLessThanOrEqual(1e-4 * scale);
    }
    // Only the last norm and the classifier changed.
    const [started, ended] = [kept.weights.get('base')!, kept.weights.get('tuned')!];
    const moved = [...started].flatMap(([name, { values }]) =>
      values.every((value, i) => value === ended.get(name)!.values[i]) ? [] : [name],
    );
    expect(moved.sort()).toEqual([
      'post_bn/beta',
      'post_bn/gamma',
      'post_bn/moving_mean',
      'post_bn/moving_variance',
      'predictions/bias',
      'predictions/kernel',
    ]);
  });
});

describe('an arm that trains no weight', () => {
  it('has its statistics re-estimated, whatever statistics the other arms use', async () => {
    const before = tf.memory().numTensors;
    const { weights, events, summary } = await run(experimentOf([base, still]));
    expect(tf.memory().numTensors).toBe(before);
    expect(estimates(events)).toEqual([['still', 'before-training', 13, 24]]);
    expect(events.filter((event) => event.type === 'frozen-verified')[1]).toMatchObject({
      arm: 'still',
      moved: 26,
    });
    const [started, ended] = [weights.get('base')!, weights.get('still')!];
    expect(named(ended, (name) => !isStatistic(name))).toEqual(
      named(started, (name) => !isStatistic(name)),
    );
    expect(summary.arms[1]!.trainSeconds).toBeGreaterThan(0);
    expect(summary.arms[1]!.curves[0]!.epochs).toEqual([]);
    // It was evaluated with the estimated statistics.
    expect(summary.arms[1]!.evaluations[0]!.total).toBe(16);
  });

  it('is unchanged if its policy estimates nothing, and must have 0 epochs', async () => {
    const asItIs: ArmSpec = { ...still, name: 'asItIs', freeze: 'classifier' };
    const { weights, events } = await run(
      experimentOf([base, asItIs], { normStatistics: 'precise' }),
    );
    expect(weights.get('asItIs')).toEqual(weights.get('base'));
    expect(estimates(events)).toEqual([['base', 'after-training', 13, 24]]);
    await expect(run(experimentOf([base, { ...still, epochs: 1 }]))).rejects.toMatchObject({
      code: 'bad-option',
      message:
        'Arm "still" has 1 epoch, but freeze policy "bn-recalibrate" trains no weights; it must have 0 epochs.',
    });
    await expect(run(experimentOf([base], { normImages: 0.5 }))).rejects.toMatchObject({
      code: 'bad-option',
      message: 'The experiment: normImages is 0.5: expected int, received number.',
    });
  });

  it('estimates the statistics before the first step if its policy also trains weights', async () => {
    const mixed: ArmSpec = {
      ...tuned,
      name: 'mixed',
      freeze: {
        name: 'mixed',
        rules: [
          { match: { role: 'norm' }, mode: 'recalibrate' },
          { match: { role: 'classifier' }, mode: 'train' },
        ],
        otherwise: 'freeze',
      },
    };
    // Its frozen layers differ from those of the arm before it, so it cannot use that arm's
    // features.
    const { weights, events } = await run(
      experimentOf([base, { ...tuned, name: 'plain', freeze: 'classifier' }, still, mixed]),
    );
    const [recalibrated, trained] = [weights.get('still')!, weights.get('mixed')!];
    expect(named(trained, isStatistic).map(([name]) => name)).toHaveLength(26);
    const caches = events.flatMap((event) =>
      event.type === 'feature-cache' ? [[event.arm, event.where, event.from]] : [],
    );
    expect(caches).toEqual([
      ['plain', 'memory', undefined],
      ['mixed', 'memory', undefined],
    ]);
    expect(trained.get('predictions/kernel')!.values).not.toEqual(
      recalibrated.get('predictions/kernel')!.values,
    );
    expect(estimates(events)).toEqual([
      ['still', 'before-training', 13, 24],
      ['mixed', 'before-training', 13, 24],
    ]);
  });
});
