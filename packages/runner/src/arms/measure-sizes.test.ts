import { imageSizeText, resize, shortSideCrop } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { createModel } from '@fixres/models';
import {
  type ArmSpec,
  type EngineRecord,
  evaluationKey,
  type Experiment,
  type FinishedArm,
  newArchitecture,
  type ArmCheckpoint,
  type PlannedExperiment,
  type Predictions,
  type RunEventInput,
  type StateArrays,
  type Summary,
} from '@fixres/runs';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallImages } from '../../test/small-images.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import { readWeights, writeWeights } from '../training/model-weights.ts';
import { measureSizes, requireMeasurable } from './measure-sizes.ts';
import { runExperiment } from './run-experiment.ts';
import type { RunExperimentOptions } from './run-experiment-options.ts';

const small: ArmSpec = {
  name: 'small',
  description: '',
  initFrom: null,
  trainPolicy: resize(32),
  testPolicy: resize(32),
  epochs: 1,
  steps: 2,
  schedule: { type: 'constant', rate: 0.01 },
  freeze: 'all',
};
const candidates = [32, 40, 48].map((size) => ({
  trainPolicy: resize(size),
  testPolicy: shortSideCrop(size),
}));
const tuned: ArmSpec = {
  ...small,
  name: 'tuned',
  initFrom: 'small',
  freeze: 'classifier',
  trainPolicy: { ...resize(48), name: 'resize-measured' },
  testPolicy: { ...shortSideCrop(48), name: 'shortSideCrop-measured' },
  measuredSize: { asked: { trainPolicy: {}, testPolicy: {} }, candidates },
};
const { steps: _, ...unlimited } = small;
const experiment: PlannedExperiment = {
  model: { name: 'resnet14v2', width: 4 },
  arms: [
    small,
    tuned,
    { ...unlimited, name: 'equal', epochs: undefined, cost: { equalTo: 'tuned' } },
  ],
  evaluations: [resize(32), tuned.testPolicy],
  comparisons: [{ a: 'tuned', b: 'small', policy: 'own' }],
  seeds: [0, 1],
  batchSize: 8,
  activations: false,
};

describe('measureSizes', () => {
  const arms = [
    small,
    tuned,
    {
      ...tuned,
      name: 'wide',
      measuredSize: { ...tuned.measuredSize!, candidates: candidates.slice(1) },
    },
  ];
  const whole = { ...experiment, arms } as Experiment;

  it('evaluates each candidate once, and chooses for each arm among its own', async () => {
    const seen: string[] = [];
    const correct = [7, 5, 6];
    const sizeImages = smallImages(10, 3);
    const predict = (
      source: unknown,
      policy: (typeof candidates)[0]['testPolicy'],
    ): Promise<Predictions> => {
      expect(source).toBe(sizeImages);
      const i = candidates.findIndex(({ testPolicy }) => testPolicy === policy);
      seen.push(evaluationKey(policy));
      return Promise.resolve({
        correct: Uint8Array.from({ length: 10 }, (_, image) => Number(image < correct[i]!)),
      } as Predictions);
    };
    const chosen = await measureSizes(whole, predict, {
      from: { from: 'small', seed: 4 },
      sizeImages,
      withLengths: (planned) => Promise.resolve(planned as Experiment),
    });
    expect(seen).toEqual(candidates.map(({ testPolicy }) => evaluationKey(testPolicy)));
    expect(chosen.arms.map(({ testPolicy }) => evaluationKey(testPolicy))).toEqual([
      'resize@32',
      'shortSideCrop@32',
      'shortSideCrop@48',
    ]);
    expect(chosen.arms[2]!.measuredSize!.choice).toEqual({
      from: 'small',
      seed: 4,
      images: 10,
      candidates: [
        { policy: 'shortSideCrop', size: 40, correct: 5 },
        { policy: 'shortSideCrop', size: 48, correct: 6 },
      ],
      chosen: 1,
    });
  });

  it.each([
    [
      { hasImages: false, processes: 1 },
      'which needs training images that are held back: option "holdBack"',
    ],
    [{ hasImages: true, processes: 1, multiLabel: true }, 'which needs images with one label each'],
    [{ hasImages: true, processes: 2 }, 'several processes need a fixed size'],
  ])('needs images with one label, held back, and one process: %o', (how, message) => {
    expect(() => requireMeasurable(whole, how)).toThrow(message);
    expect(() => requireMeasurable({ arms: [small] }, how)).not.toThrow();
    expect(() => requireMeasurable(whole, { hasImages: true, processes: 1 })).not.toThrow();
  });
});

describe('an experiment with a measured size', () => {
  let engine: EngineRecord;
  beforeAll(async () => {
    engine = await useEngine({ engine: 'wasm' });
  });
  const sizeImages = smallImages(20, 3);

  async function run(
    planned: PlannedExperiment,
    options: Partial<RunExperimentOptions> = {},
  ): Promise<{ summary: Summary; events: RunEventInput[]; weights: Map<string, StateArrays> }> {
    const events: RunEventInput[] = [];
    const weights = new Map<string, StateArrays>();
    const summary = await runExperiment(planned, {
      engine,
      dataset: { name: 'made', classes: ['above', 'below'], train: 16, heldOut: 8, skipped: 0 },
      train: smallImages(16, 1),
      heldOut: smallImages(8, 2),
      sizeImages,
      memory: { reset: () => undefined, peakMb: () => 1, nowMb: () => 1 },
      onEvent: (event) => events.push(event),
      onModel: async (arm, seed, model) =>
        void weights.set(`${arm} ${seed}`, await readWeights(model)),
      ...options,
    });
    return { summary, events, weights };
  }

  it('chooses with the trained first arm on the images that are held back, once for all seeds; a resumed run keeps the choice', async () => {
    const stored: Experiment[] = [];
    const checkpoints = memoryStore();
    const controller = new AbortController();
    let event: RunEventInput | undefined;
    const evaluated: RunEventInput[] = [];
    await expect(
      run(experiment, {
        checkpoints,
        signal: controller.signal,
        onExperiment: (chosen) => Promise.resolve(void stored.push(chosen)),
        onEvent: (each) => {
          // The other images make one step.
          if (each.type === 'progress' && each.phase === 'evaluate' && each.steps === 3)
            evaluated.push(each);
          if (each.type !== 'size-chosen') return;
          event = each;
          controller.abort(new Error('enough'));
        },
      }),
    ).rejects.toThrow('enough');
    expect(stored).toHaveLength(1);
    expect(evaluated).toMatchObject(
      candidates.flatMap(() =>
        [1, 2, 3].map((step) => ({ arm: 'small', seed: 0, epoch: 0, epochs: 1, step })),
      ),
    );
    const { summary, events, weights } = await run(stored[0]!, {
      checkpoints,
      onExperiment: () => Promise.reject(new Error('chosen again')),
    });
    expect(events.filter(({ type }) => type === 'size-chosen')).toEqual([event]);

    const { options } = newArchitecture({ name: 'resnet14v2', width: 4 }, 2);
    const model = createModel('resnet14v2', options);
    writeWeights(model, weights.get('small 0')!);
    const counts = [];
    for (const { testPolicy } of candidates) {
      const { correct } = await evaluate(model, sizeImages, { policy: testPolicy, batchSize: 7 });
      counts.push(correct.filter((one) => one === 1).length);
    }
    model.dispose();
    const chosen = counts.indexOf(Math.max(...counts));
    const key = `shortSideCrop@${[32, 40, 48][chosen]}`;
    expect(event).toMatchObject({ arm: 'tuned', from: 'small', seed: 0, images: 20, chosen });
    const { sizeChoice: recorded, trainSize } = summary.arms[1]!;
    expect(recorded!.candidates.map(({ correct }) => correct)).toEqual(counts);
    expect(trainSize).toBe([32, 40, 48][chosen]);
    // All arms are evaluated under the chosen policy, with both seeds.
    for (const { evaluations } of summary.arms)
      expect(
        evaluations.map(({ policy, size, total }) => [`${policy}@${imageSizeText(size)}`, total]),
      ).toEqual([
        ['resize@32', 16],
        [key, 16],
      ]);
    // The length of the arm at equal cost follows from the chosen size.
    const [small32, tunedAt, equal] = summary.arms.map((arm) => arm.trainMultiplyAdds ?? 0);
    expect(equal).toBeLessThanOrEqual(small32! + tunedAt!);
    // Two batches make an epoch; one more update would take too much.
    const { epochs, steps: updates = 2 * epochs } = summary.arms[2]!;
    expect((equal! / updates) * (updates + 1)).toBeGreaterThan(small32! + tunedAt!);
  });
});

function memoryStore(): NonNullable<RunExperimentOptions['checkpoints']> {
  const checkpoints = new Map<string, ArmCheckpoint>();
  const finished = new Map<string, FinishedArm>();
  return {
    load: (arm, seed) => Promise.resolve(structuredClone(checkpoints.get(`${arm} ${seed}`))),
    save: (arm, seed, checkpoint) =>
      Promise.resolve(void checkpoints.set(`${arm} ${seed}`, structuredClone(checkpoint))),
    loadFinished: (arm, seed) => Promise.resolve(structuredClone(finished.get(`${arm} ${seed}`))),
    saveFinished: (arm, seed, result) =>
      Promise.resolve(void finished.set(`${arm} ${seed}`, structuredClone(result))),
  };
}
