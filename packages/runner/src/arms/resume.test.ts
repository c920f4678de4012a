import { resize, resizeFlip, shortSideCrop } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import type { Schedule } from '@fixres/finetune';
import { createModel } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { ownModel } from '../../test/own-model.ts';
import { smallImages } from '../../test/small-images.ts';
import type {
  ArmCheckpoint,
  ArmSpec,
  CheckpointStore,
  EngineRecord,
  Experiment,
  FinishedArm,
  PlannedArm,
  PlannedExperiment,
  RunEventInput,
  StateArrays,
  Summary,
} from '@fixres/runs';
import { imageCompute } from '../compute/image-compute.ts';
import { readWeights } from '../training/model-weights.ts';
import { runExperiment } from './run-experiment.ts';
import type { RunExperimentOptions } from './run-experiment-options.ts';

let engine: EngineRecord;
beforeAll(async () => {
  engine = await useEngine({ engine: 'wasm' });
});

/** An epoch is three batches of eight images. */
const steps = 3;
const schedule: Schedule = { type: 'cosine', rate: 0.02, warmUp: { epochs: 0.5 } };
const scratch: ArmSpec = {
  name: 'base',
  description: '',
  initFrom: null,
  trainPolicy: resizeFlip(32),
  testPolicy: resize(32),
  epochs: 2,
  schedule,
  optimizer: {
    type: 'sgd',
    momentum: 0.9,
    nesterov: true,
    weightDecay: { rate: 1e-3, exclude: 'norm-and-bias' },
  },
  freeze: 'all',
  ema: { momentum: 0.8 },
  labelSmoothing: 0.2,
};
const tuned: ArmSpec = {
  ...scratch,
  name: 'tuned',
  initFrom: 'base',
  optimizer: { type: 'adam', weightDecay: { rate: 1e-3 } },
  freeze: 'last-stage',
  layerRates: { decay: 0.5 },
};

/** Another arm from scratch, with the same compute as the named one. */
function costedAs(equalTo: string): PlannedArm {
  return { ...scratch, name: 'equal', epochs: undefined, cost: { equalTo } };
}

function experimentOf(
  arms: PlannedArm[],
  checkpoint: Experiment['checkpoint'] = { everyEpochs: null, everySeconds: 0 },
): PlannedExperiment {
  return {
    model: { name: 'resnet14v2', width: 4 },
    arms,
    evaluations: [resize(32)],
    comparisons: [],
    seeds: [0],
    batchSize: 8,
    activations: false,
    checkpoint,
  };
}

/** Trains a smaller model, if the architecture does not matter. */
const ofOwnModel: PlannedExperiment['model'] = {
  folder: 'own',
  digest: '',
  imageSize: 32,
  newClassifier: 'if-needed',
};

/** A store in memory. It copies its content, as a store on disk would. */
function memoryStore(): CheckpointStore & {
  saved: { arm: string; step: number; epoch: number }[];
} {
  const checkpoints = new Map<string, ArmCheckpoint>();
  const finished = new Map<string, FinishedArm>();
  const saved: { arm: string; step: number; epoch: number }[] = [];
  return {
    saved,
    load: (arm, seed) => Promise.resolve(structuredClone(checkpoints.get(`${arm} ${seed}`))),
    save: (arm, seed, checkpoint) => {
      checkpoints.set(`${arm} ${seed}`, structuredClone(checkpoint));
      saved.push({ arm, epoch: checkpoint.progress.epoch, step: checkpoint.progress.step });
      return Promise.resolve();
    },
    loadFinished: (arm, seed) => Promise.resolve(structuredClone(finished.get(`${arm} ${seed}`))),
    saveFinished: (arm, seed, result) =>
      Promise.resolve(void finished.set(`${arm} ${seed}`, structuredClone(result))),
  };
}

interface Outcome {
  summary: Summary;
  weights: Map<string, StateArrays>;
  events: RunEventInput[];
}

async function run(
  experiment: PlannedExperiment,
  overrides: Partial<RunExperimentOptions> = {},
): Promise<Outcome> {
  const weights: Outcome['weights'] = new Map();
  const events: RunEventInput[] = [];
  const summary = await runExperiment(experiment, {
    engine,
    dataset: { name: 'made', classes: ['above', 'below'], train: 24, heldOut: 12, skipped: 0 },
    train: smallImages(24, 1),
    heldOut: smallImages(12, 2),
    memory: { reset: () => undefined, peakMb: () => 1, nowMb: () => 1 },
    onEvent: (event) => events.push(event),
    onModel: async (arm, _seed, model) => void weights.set(arm, await readWeights(model)),
    openModel: () => Promise.resolve({ model: ownModel(), architecture: undefined }),
    ...overrides,
  });
  return { summary, weights, events };
}

/** Accuracies and losses, without times. */
function curvesOf({ arms }: Summary): unknown {
  return arms.map(({ curves, evaluations }) => [
    evaluations,
    curves[0]!.epochs.map(({ loss, accuracy, heldOutAccuracy }) => [
      loss,
      accuracy,
      heldOutAccuracy,
    ]),
  ]);
}

function lengthsOf({ arms }: Summary): unknown {
  return arms.map(({ epochs, steps: count, equalCost, trainMultiplyAdds }) => [
    epochs,
    count,
    equalCost,
    trainMultiplyAdds,
  ]);
}

describe('seeds that stop by themselves', () => {
  const { layerRates: _, ...classifier } = { ...tuned, freeze: 'classifier' as const, steps: 1 };
  const experiment: PlannedExperiment = {
    ...experimentOf([{ ...scratch, steps: 1 }, classifier], {
      everyEpochs: null,
      everySeconds: null,
    }),
    model: ofOwnModel,
    seeds: [0, 1, 2, 3, 4, 5],
    seedStopping: { a: 'tuned', b: 'base', policy: 'own', until: { halfWidth: 1 } },
  };
  const started = (events: readonly RunEventInput[]): unknown[] =>
    events.flatMap((event) => (event.type === 'arm-start' ? [[event.arm, event.seed]] : []));

  it('end after the seed that decides, and a resumed run decides the same', async () => {
    const store = memoryStore();
    const controller = new AbortController();
    const stopped = run(experiment, {
      checkpoints: store,
      signal: controller.signal,
      onModel: (arm, seed) => {
        if (arm === 'tuned' && seed === 1) controller.abort(new Error('stopped'));
        return Promise.resolve();
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    // The first interval is that of four seeds, and no interval is wider than this.
    const { summary, events } = await run(experiment, { checkpoints: store });
    expect(started(events).at(-1)).toEqual(['tuned', 3]);
    expect(started(events).length).toBeLessThan(8);
    expect(summary.seedStopping).toMatchObject({ a: 'tuned', b: 'base', isReached: true, max: 6 });
    expect(summary.seedStopping!.values).toHaveLength(4);
    expect(summary.arms.map(({ curves }) => curves.map(({ seed }) => seed))).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
    const again = await run(experiment, { checkpoints: store });
    expect(started(again.events)).toEqual([]);
    expect(again.summary.seedStopping).toEqual(summary.seedStopping);
  });
});

describe('an arm with the cost of another', () => {
  it('trains for the derived number of steps and reports it; its schedule ends there', async () => {
    const { summary, events } = await run(
      experimentOf([
        { ...scratch, steps: 4 },
        { ...costedAs('base'), freeze: 'last-stage' },
      ]),
    );
    const [base, equal] = summary.arms;
    expect(base).toMatchObject({ epochs: 2, steps: 4 });
    const model = createModel('resnet14v2', { width: 4, classes: 2 });
    const each = await Promise.all(
      (['all', 'last-stage'] as const).map(async (freeze) => {
        const { forward, backward } = await imageCompute(model, { ...scratch, freeze });
        return forward + backward;
      }),
    );
    model.dispose();
    expect(base!.trainMultiplyAdds).toBe(4 * 8 * each[0]!);
    const count = Math.floor(base!.trainMultiplyAdds! / (8 * each[1]!));
    expect(count % steps).not.toBe(0);
    expect(equal).toMatchObject({
      epochs: Math.ceil(count / steps),
      steps: count,
      equalCost: 'base',
      trainMultiplyAdds: count * 8 * each[1]!,
    });
    expect(base).not.toHaveProperty('equalCost');

    const starts = events.filter((event) => event.type === 'arm-start');
    expect(starts).toMatchObject([
      { epochs: 2, stepsPerEpoch: steps, steps: 4 },
      { epochs: Math.ceil(count / steps), stepsPerEpoch: steps, steps: count },
    ]);
    const rates = events.flatMap((event) =>
      event.type === 'progress' && event.arm === 'equal' && event.phase === 'train'
        ? [event.learningRate!]
        : [],
    );
    expect(rates).toHaveLength(count);
    // Half an epoch of warm-up, then a cosine that ends with the training.
    expect(rates.at(-1)).toBeCloseTo(
      0.01 * (1 + Math.cos((Math.PI * (count - 1 - 1.5)) / (count - 1.5))),
      12,
    );
    expect(events.findLast(({ type }) => type === 'progress')).toMatchObject({ etaSeconds: 0 });
    const ends = events.filter((event) => event.type === 'arm-end');
    expect(ends.map(({ trainMultiplyAdds }) => trainMultiplyAdds)).toEqual(
      summary.arms.map(({ trainMultiplyAdds }) => trainMultiplyAdds),
    );
  });

  it('counts the forward pass of a teacher, also when it is resumed', async () => {
    const made = (width: number): LayersModel =>
      createModel('resnet14v2', { width, classes: 2, seed: 1 });
    const taught = { ...scratch, steps: 2, distill: { teacher: 'wide', digest: '' } };
    const openTeacher = (): Promise<LayersModel> => Promise.resolve(made(8));
    const store = memoryStore();
    const end = new AbortController();
    const onEvent = (event: RunEventInput): void => {
      if (event.type === 'progress' && event.phase === 'train') end.abort(new Error('enough'));
    };
    const checkpoints = { checkpoints: store, openTeacher };
    await expect(
      run(experimentOf([taught]), { ...checkpoints, signal: end.signal, onEvent }),
    ).rejects.toThrow('enough');
    const { summary } = await run(experimentOf([taught]), checkpoints);
    const [own, teacher] = [made(4), made(8)];
    const { forward, backward } = await imageCompute(own, scratch);
    const { forward: ofTeacher } = await imageCompute(teacher, scratch);
    own.dispose();
    teacher.dispose();
    expect(summary.arms[0]!.trainMultiplyAdds).toBe(2 * 8 * (forward + backward + ofTeacher));
  });

  it('counts the pass that re-estimates statistics once', async () => {
    const [running, precise] = await Promise.all([
      run(experimentOf([{ ...scratch, epochs: 1 }])),
      run({ ...experimentOf([{ ...scratch, epochs: 1 }]), normStatistics: 'precise' }),
    ]);
    const model = createModel('resnet14v2', { width: 4, classes: 2 });
    const { forward } = await imageCompute(model, scratch);
    model.dispose();
    expect(
      precise.summary.arms[0]!.trainMultiplyAdds! - running.summary.arms[0]!.trainMultiplyAdds!,
    ).toBe(24 * forward);
  });
});

describe('a run that pauses after some epochs', () => {
  it('has trained a part of the whole training, and ends with the same bits', async () => {
    const experiment = experimentOf([{ ...scratch, epochs: 3 }], { everyEpochs: null });
    const train = smallImages(12, 1);
    const undisturbed = await run(experiment, { train });
    const before = tf.memory().numTensors;
    const store = memoryStore();
    const epochs: RunEventInput[] = [];
    const onEvent = (event: RunEventInput): void => {
      if (event.type === 'epoch') epochs.push(event);
    };
    // Again after 2: a process that was killed when it had saved finds nothing to do.
    for (const pauseAfter of [1, 2, 2, 3]) {
      const paused = run(experiment, { train, checkpoints: store, pauseAfter, onEvent });
      await expect(paused).rejects.toMatchObject({
        code: 'paused',
        message: `Arm "base" is paused after epoch ${pauseAfter} of 3.`,
      });
      expect(store.saved.at(-1)).toEqual({ arm: 'base', epoch: pauseAfter, step: 0 });
    }
    expect(tf.memory().numTensors).toBe(before);
    const rest = await run(experiment, { train, checkpoints: store });
    expect(rest.weights).toEqual(undisturbed.weights);
    expect(curvesOf(rest.summary)).toEqual(curvesOf(undisturbed.summary));
    expect(epochs.map((event) => event.type === 'epoch' && event.heldOutAccuracy)).toEqual(
      undisturbed.summary.arms[0]!.curves[0]!.epochs.map(({ heldOutAccuracy }) => heldOutAccuracy),
    );
  });
});

describe('a run that is aborted and resumed', () => {
  it.each<[string, PlannedArm[]]>([
    ['with arms of whole epochs', [scratch, tuned]],
    [
      'with arms that end within an epoch, one after a number of steps and one at a cost',
      [
        { ...scratch, steps: 4 },
        { ...costedAs('base'), freeze: 'last-stage' },
      ],
    ],
  ])('ends with the same bits, wherever it was aborted: %s', async (_, arms) => {
    const experiment = experimentOf(arms);
    const undisturbed = await run(experiment);
    const before = tf.memory().numTensors;
    const store = memoryStore();
    const weights: Outcome['weights'] = new Map();
    let outcome: Outcome | undefined;
    let aborts = 0;
    while (outcome === undefined) {
      const controller = new AbortController();
      let seen = 0;
      const onEvent = (event: RunEventInput): void => {
        // Three steps or batches after its start.
        if (event.type === 'progress' && ++seen === 3) controller.abort(new Error('enough'));
      };
      const onModel: RunExperimentOptions['onModel'] = async (arm, _seed, model) =>
        void weights.set(arm, await readWeights(model));
      try {
        outcome = await run(experiment, {
          checkpoints: store,
          signal: controller.signal,
          onEvent,
          onModel,
        });
      } catch (error) {
        expect((error as Error).message).toBe('enough');
        aborts += 1;
      }
      expect(tf.memory().numTensors).toBe(before);
    }
    expect(aborts).toBeGreaterThan(5);
    expect(weights).toEqual(undisturbed.weights);
    expect(curvesOf(outcome.summary)).toEqual(curvesOf(undisturbed.summary));
    expect(lengthsOf(outcome.summary)).toEqual(lengthsOf(undisturbed.summary));
  });

  it('ends with the same bits with re-estimated statistics, even if aborted during the estimate', async () => {
    const still: ArmSpec = {
      ...scratch,
      name: 'still',
      initFrom: 'base',
      epochs: 0,
      freeze: 'bn-recalibrate',
    };
    const experiment: PlannedExperiment = {
      ...experimentOf([{ ...scratch, earlyStopping: { patience: 1 } }, still]),
      normStatistics: 'precise',
      normImages: 16,
    };
    const undisturbed = await run(experiment);
    const before = tf.memory().numTensors;
    const store = memoryStore();
    const weights: Outcome['weights'] = new Map();
    const brokenOff = new Set<string>();
    let outcome: Outcome | undefined;
    for (let aborts = 0; outcome === undefined; aborts++) {
      const controller = new AbortController();
      let seen = 0;
      const onEvent = (event: RunEventInput): void => {
        // More than one step and one estimate, which are not saved halfway.
        if (event.type !== 'progress' || ++seen !== 4 + (aborts % 3)) return;
        brokenOff.add(event.phase);
        controller.abort(new Error('enough'));
      };
      const onModel: RunExperimentOptions['onModel'] = async (arm, _seed, model) =>
        void weights.set(arm, await readWeights(model));
      outcome = await run(experiment, {
        checkpoints: store,
        signal: controller.signal,
        onEvent,
        onModel,
      }).catch((error: unknown) => {
        expect((error as Error).message).toBe('enough');
        return undefined;
      });
      expect(tf.memory().numTensors).toBe(before);
    }
    expect(brokenOff).toContain('statistics');
    expect(weights).toEqual(undisturbed.weights);
    expect(curvesOf(outcome.summary)).toEqual(curvesOf(undisturbed.summary));
  });

  it('does not repeat finished work', async () => {
    const store = memoryStore();
    const { summary } = await run(experimentOf([scratch, tuned]), { checkpoints: store });
    const { events, summary: again } = await run(experimentOf([scratch, tuned]), {
      checkpoints: store,
      secondsBefore: 100,
    });
    expect(events).toEqual([]);
    expect(curvesOf(again)).toEqual(curvesOf(summary));
    expect(again.seconds).toBeGreaterThan(100);
  });

  it('saves when requested: by epochs, by time, and always at the end', async () => {
    const at = async (checkpoint: Experiment['checkpoint']): Promise<string[]> => {
      const store = memoryStore();
      const experiment: PlannedExperiment = {
        ...experimentOf([{ ...scratch, epochs: 3 }], checkpoint),
        model: ofOwnModel,
      };
      await run(experiment, { checkpoints: store });
      return store.saved.map(({ epoch, step }) => `${epoch}.${step}`);
    };
    expect(await at({})).toEqual(['1.0', '2.0', '3.0']);
    expect(await at({ everyEpochs: 2 })).toEqual(['2.0', '3.0']);
    expect(await at({ everyEpochs: null, everySeconds: null })).toEqual(['3.0']);
    expect(await at({ everyEpochs: null, everySeconds: 0 })).toHaveLength(3 * steps);
  });
});

describe('early stopping', () => {
  it('ends the arm with the weights of its best epoch', async () => {
    // The loss rises at a learning rate this high.
    const arm: ArmSpec = {
      ...scratch,
      epochs: 20,
      schedule: { type: 'constant', rate: 5 },
      earlyStopping: { patience: 2, monitor: 'loss' },
      ema: {},
    };
    const byEpoch: StateArrays[] = [];
    const { weights, summary, events } = await run(experimentOf([arm]), {
      onEpoch: async (_arm, _seed, _record, model) => void byEpoch.push(await readWeights(model)),
    });
    const { epochs } = summary.arms[0]!.curves[0]!;
    expect(epochs.length).toBeLessThan(20);
    // Its actual compute, not the planned one.
    const model = createModel('resnet14v2', { width: 4, classes: 2 });
    const { forward, backward } = await imageCompute(model, arm);
    model.dispose();
    expect(summary.arms[0]!.trainMultiplyAdds).toBe(epochs.length * 24 * (forward + backward));
    const best = epochs.length - 3;
    expect(epochs[best]!.loss).toBe(Math.min(...epochs.map(({ loss }) => loss)));
    expect(events.find(({ type }) => type === 'early-stop')).toMatchObject({
      epoch: best + 2,
      bestEpoch: best,
      restored: true,
    });
    expect(weights.get('base')).toEqual(byEpoch[best]);
    expect(weights.get('base')).not.toEqual(byEpoch.at(-1));
    expect(events.findLast(({ type }) => type === 'progress')).toMatchObject({ etaSeconds: 0 });
  });
});

describe('conflicting settings', () => {
  it.each([
    [{ optimizer: { type: 'adam', weightDecay: { rate: 1, kind: 'l2' } } }, 'requires sgd'],
    [{ freeze: 'bn-recalibrate' }, 'trains no weights'],
    [{ testPolicy: resize(48) }, 'resize@48, is not among the evaluations'],
    [{ testPolicy: { ...shortSideCrop(32), name: 'resize' } }, 'both called resize@32'],
    [
      { testPolicy: resizeFlip(32) },
      'The test policy of arm "base" cannot be its model\'s preprocessing: ',
    ],
  ] as [Partial<ArmSpec>, string][])('are refused: %j', async (change, message) => {
    await expect(run(experimentOf([{ ...scratch, ...change }]))).rejects.toThrow(message);
  });

  it('reports the allowed precisions of a step', async () => {
    await expect(run({ ...experimentOf([scratch]), precision: 'bfloat16' })).rejects.toThrow(
      'Option "precision" is "bfloat16"',
    );
  });
});
