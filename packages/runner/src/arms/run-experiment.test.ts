import { imageSizeText, planResolution, sampledBoundingBoxCrop } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallImages } from '../../test/small-images.ts';
import {
  type EngineRecord,
  evaluationKey,
  type FixresArm,
  fixresExperiment,
  fixresPresets,
  type PlannedExperiment,
  type RunEventInput,
  type Summary,
} from '@fixres/runs';
import { runExperiment } from './run-experiment.ts';
import type { RunExperimentOptions } from './run-experiment-options.ts';

const memory = { reset: () => undefined, peakMb: () => 1, nowMb: () => 1 };

function tinyExperiment(overrides: Partial<typeof fixresPresets.quick> = {}): PlannedExperiment {
  return fixresExperiment({
    ...fixresPresets.quick,
    width: 4,
    small: 32,
    large: 48,
    epochs: 2,
    finetuneEpochs: 1,
    batchSize: 16,
    ...overrides,
  });
}

for (const name of ['tensorflow', 'wasm'] as const)
  describe(`runExperiment on ${name}`, onEngine(name), () => {
    let engine: EngineRecord;
    beforeAll(async () => {
      engine = await useEngine({ engine: name });
    });

    async function run(
      experiment: PlannedExperiment,
      options: Partial<RunExperimentOptions> = {},
    ): Promise<{ summary: Summary; events: RunEventInput[] }> {
      const events: RunEventInput[] = [];
      const dataset = {
        name: 'made',
        classes: ['above', 'below'],
        train: 40,
        heldOut: 24,
        skipped: 0,
      };
      const summary = await runExperiment(experiment, {
        engine,
        dataset,
        train: smallImages(40, 1),
        heldOut: smallImages(24, 2),
        memory,
        onEvent: (event) => events.push(event),
        ...options,
      });
      return { summary, events };
    }

    let trained: {
      summary: Summary;
      events: RunEventInput[];
      models: string[];
      /** Tensors after the run that did not exist before it. */
      leaked: number;
    };
    beforeAll(async () => {
      const before = tf.memory().numTensors;
      const models: string[] = [];
      const corruptions = { names: ['fog' as const], severities: [1 as const, 5 as const] };
      const result = await run(
        { ...tinyExperiment(), corruptions, activations: { images: 8 } },
        {
          memory: { ...memory, deviceMb: () => 7 },
          onModel: (arm, seed) => {
            models.push(`${arm}-${seed}`);
            return Promise.resolve();
          },
        },
      );
      trained = { ...result, models, leaked: tf.memory().numTensors - before };
    });

    it('trains every arm, verifies frozen layers, evaluates every arm under every policy and leaks no tensor', () => {
      const { summary, events, models, leaked } = trained;
      expect(leaked).toBe(0);
      expect(models).toEqual([
        'small-0',
        'untuned-0',
        'fixres-0',
        'control-0',
        'vanilla-equal-cost-0',
        'vanilla-0',
      ]);
      expect(summary.arms.map((arm) => [arm.name, arm.trainSize, arm.evaluations.length])).toEqual([
        ['small', 32, 3],
        ['untuned', 48, 3],
        ['fixres', 48, 3],
        ['control', 32, 3],
        ['vanilla-equal-cost', 48, 3],
        ['vanilla', 48, 3],
      ]);
      for (const arm of summary.arms) {
        const own = arm.evaluations[arm.ownEvaluation]!;
        expect(own.total).toBe(24);
        expect(own.ci95[0]).toBeLessThanOrEqual(own.accuracy);
        expect(own.ci95[1]).toBeGreaterThanOrEqual(own.accuracy);
        if (arm.name !== 'untuned') expect(arm.trainSeconds).toBeGreaterThan(0);
      }
      const [small, untuned, fixres, , equalCost] = summary.arms;
      expect(untuned).toMatchObject({ epochs: 0, trainSeconds: 0, trainMultiplyAdds: 0 });
      // Nothing was trained, so the weights of "small" are evaluated.
      expect(untuned!.evaluations.map(({ correct }) => correct)).toEqual(
        small!.evaluations.map(({ correct }) => correct),
      );
      // As close as whole steps get to the compute of "small" and "fixres" without exceeding it.
      const budget = small!.trainMultiplyAdds! + fixres!.trainMultiplyAdds!;
      expect(equalCost!.trainMultiplyAdds).toBeLessThanOrEqual(budget);
      expect(equalCost!.trainMultiplyAdds).toBeGreaterThan(0.6 * budget);
      const proofs = events.filter((event) => event.type === 'frozen-verified');
      // A fine-tuned arm changes gamma, beta, mean and variance of post_bn, and kernel and bias of
      // the classifier.
      expect(proofs.map(({ arm, moved }) => [arm, moved > 6 ? 'all' : moved])).toEqual([
        ['small', 'all'],
        ['untuned', 0],
        ['fixres', 6],
        ['control', 6],
        ['vanilla-equal-cost', 'all'],
        ['vanilla', 'all'],
      ]);
      expect(proofs[2]!.frozen).toBeGreaterThan(50);

      // The counts after all epochs of an arm are equal: nothing leaks.
      const counts = events
        .filter((event) => event.type === 'epoch' && event.arm === 'vanilla')
        .map((event) => 'tensors' in event && event.tensors);
      expect(new Set(counts).size).toBe(1);
    });

    it('evaluates every arm under its own test policy on corrupted images', () => {
      const { summary, events } = trained;
      const counts = events.filter((event) => event.type === 'corruption');
      expect(counts.map(({ arm, corruption, severity }) => [arm, corruption, severity])).toEqual(
        summary.arms.flatMap(({ name }) => [
          [name, 'fog', 1],
          [name, 'fog', 5],
        ]),
      );
      // These images are the same under each policy, so nothing corrupts them.
      for (const { robustness, evaluations, ownEvaluation } of summary.arms) {
        const { accuracy } = evaluations[ownEvaluation]!;
        expect(robustness).toMatchObject({ accuracy, clean: accuracy });
      }
      expect(summary.robustness).toMatchObject({
        baseline: 'small',
        corruptions: ['fog'],
        severities: [1, 5],
      });
      expect(summary.robustness!.comparisons).toHaveLength(
        summary.comparisons.filter(({ policy }) => policy === 'own').length,
      );
    });

    it('reports progress and memory, with a time estimate that ends at 0', () => {
      const progress = trained.events.filter((event) => event.type === 'progress');
      const steps = progress.filter(({ phase }) => phase === 'train');
      // 2 + 1 + 1 + 2 epochs of 40 images in batches of 16, and as many steps as 2 epochs at 32
      // pixels and 1 of fine-tuning at 48 cost.
      const atEqualCost = steps.filter(({ arm }) => arm === 'vanilla-equal-cost');
      expect(steps.length - atEqualCost.length).toBe(18);
      expect(atEqualCost.length).toBeGreaterThan(2);
      expect(atEqualCost.length).toBeLessThan(6);
      expect(
        steps.every(
          ({ loss, accuracy, stall }) =>
            loss! > 0 && accuracy! >= 0 && accuracy! <= 1 && stall >= 0 && stall <= 1,
        ),
      ).toBe(true);
      expect(
        progress.every(
          ({ rssMb, tensors, tensorMb, deviceMb }) =>
            rssMb === 1 && tensors > 0 && tensorMb! > 0 && deviceMb === 7,
        ),
      ).toBe(true);
      expect(progress[0]!.etaSeconds).toBeGreaterThan(0);
      expect(progress.at(-1)!.etaSeconds).toBeCloseTo(0, 6);
    });

    it('stops when aborted and frees its tensors', async () => {
      const before = tf.memory().numTensors;
      const controller = new AbortController();
      const onEvent = (event: RunEventInput): void => {
        if (event.type === 'progress' && event.arm === 'fixres')
          controller.abort(new Error('enough'));
      };
      const experiment = tinyExperiment({ epochs: 1, arms: ['small', 'fixres'] });
      await expect(run(experiment, { signal: controller.signal, onEvent })).rejects.toThrow(
        'enough',
      );
      expect(tf.memory().numTensors).toBe(before);
    });
  });

describe('runExperiment', { tags: 'native-engine' }, () => {
  let engine: EngineRecord;
  beforeAll(async () => {
    engine = await useEngine({ engine: 'tensorflow' });
  });
  const options = (): RunExperimentOptions => ({
    engine,
    dataset: { name: 'made', classes: ['above', 'below'], train: 40, heldOut: 24, skipped: 0 },
    train: smallImages(40, 1),
    heldOut: smallImages(24, 2),
    memory,
    onEvent: () => undefined,
  });

  it('learns a learnable task', async () => {
    const experiment = tinyExperiment({ epochs: 5, width: 8, batchSize: 8 });
    experiment.arms = experiment.arms.filter(({ name }) => name === 'small');
    experiment.comparisons = [];
    const { arms } = await runExperiment({ ...experiment, activations: false }, options());
    const curve = arms[0]!.curves[0]!.epochs;
    expect(curve.at(-1)!.loss).toBeLessThan(0.2);
    expect(curve.at(-1)!.accuracy).toBeGreaterThan(0.9);
  });

  it('initialises an arm from the trained weights, not from new ones', async () => {
    const experiment = tinyExperiment({
      epochs: 1,
      finetuneEpochs: 1,
      arms: ['small', 'fixres', 'vanilla'],
    });
    const fixres = experiment.arms.find(({ name }) => name === 'fixres')!;
    fixres.schedule = { type: 'constant', rate: 1e-12 };
    fixres.freeze = 'classifier';
    const weights = new Map<string, Float32Array>();
    await runExperiment(experiment, {
      ...options(),
      onModel: async (arm, _seed, model) => {
        weights.set(
          arm,
          (await model.getLayer('conv1_conv').getWeights()[0]!.data()) as Float32Array,
        );
      },
    });
    expect(weights.get('fixres')).toEqual(weights.get('small'));
    expect(weights.get('vanilla')).not.toEqual(weights.get('small'));
  });

  describe('of two seeds', () => {
    let arms: Summary['arms'];
    let comparisons: Summary['comparisons'];
    const events: RunEventInput[] = [];
    beforeAll(async () => {
      const experiment = tinyExperiment({
        epochs: 1,
        finetuneEpochs: 1,
        seedCount: 2,
        arms: ['small', 'untuned', 'fixres', 'vanilla'],
      });
      ({ arms, comparisons } = await runExperiment(
        { ...experiment, activations: { images: 10 } },
        {
          ...options(),
          imageSizes: [{ width: 90, height: 90 }],
          onEvent: (event) => events.push(event),
        },
      ));
    });

    it('runs each seed separately and pools them', () => {
      for (const arm of arms) {
        expect(arm.curves.map(({ seed }) => seed)).toEqual([0, 1]);
        // An arm without epochs trains nothing.
        if (arm.epochs > 0)
          expect(arm.curves[0]!.epochs[0]!.loss).not.toBe(arm.curves[1]!.epochs[0]!.loss);
        expect(arm.evaluations.every(({ total }) => total === 48)).toBe(true);
      }
    });

    it('reports for each evaluation what its predictions show, over seeds and with apparent sizes', () => {
      for (const { name, evaluations } of arms) {
        for (const { policy, size, accuracy, overSeeds, metrics } of evaluations) {
          const reported = events
            .filter((event) => event.type === 'evaluation')
            .filter(
              (event) => event.arm === name && event.policy === policy && event.size === size,
            );
          const each = reported.map((event) => event.metrics!);
          expect(each).toHaveLength(2);
          expect(overSeeds!.values).toEqual(reported.map(({ correct, total }) => correct / total));
          expect(overSeeds!.mean).toBeCloseTo(accuracy, 12);
          expect(metrics!.nll.values).toEqual(each.map(({ nll }) => nll));
          expect(metrics!.ece.values).toEqual(each.map(({ calibration }) => calibration.ece));
          const [[a, b], [c, d]] = metrics!.confusion as [[number, number], [number, number]];
          expect([a + b + c + d, (a + d) / 48]).toEqual([48, expect.closeTo(accuracy, 12)]);
          expect(metrics!.classes.map(({ total }) => total)).toEqual([24, 24]);
        }
      }
      const [small, fixres] = ['small', 'fixres'].map((name) =>
        arms.find((arm) => arm.name === name),
      );
      // Trained on crops at 32: the whole square at 48 shows objects 1.5 times as large as at 32.
      const [at32, at48] = small!.evaluations.map(({ apparentSize }) => apparentSize!);
      expect(at48!.training.mean / at32!.training.mean).toBeCloseTo(48 / 32, 9);
      expect(at32!.training.mean).toBeLessThan(1);
      expect(at32!.root).toEqual(at32!.training);
      // Fine-tuned under its test policy, after the training of "small".
      const own = fixres!.evaluations[fixres!.ownEvaluation]!;
      expect(own.apparentSize!.training.mean).toBeCloseTo(1, 9);
      expect(own.apparentSize!.root).toEqual(
        small!.evaluations[fixres!.ownEvaluation]!.apparentSize!.training,
      );
      for (const { overSeeds, difference } of comparisons) {
        expect(overSeeds!.values).toHaveLength(2);
        expect(overSeeds!.mean).toBeCloseTo(difference, 12);
        expect(overSeeds!.pAdjusted!).toBeGreaterThanOrEqual(overSeeds!.p!);
      }
    });

    it('measures activations of every arm under every evaluation, on a sample, for the first seed', () => {
      for (const { activations } of arms) {
        expect(
          activations!.map(({ policy, size, state, images, shape, layer }) => [
            `${policy}@${imageSizeText(size)}`,
            state,
            images,
            shape,
            layer,
          ]),
        ).toEqual([
          ['resize@32', 'trained', 10, [1, 1, 128], 'post_relu'],
          ['resize@48', 'trained', 10, [2, 2, 128], 'post_relu'],
          ['shortSideCrop@48', 'trained', 10, [2, 2, 128], 'post_relu'],
        ]);
      }
      const reported = events.filter((event) => event.type === 'activations');
      expect(reported.map(({ arm, seed }) => [arm, seed])).toEqual(
        arms.flatMap(({ name }) => [0, 1, 2].map(() => [name, 0])),
      );
    });
  });

  it('measures no activations if none are requested', async () => {
    const none = await runExperiment(
      { ...tinyExperiment({ epochs: 1, finetuneEpochs: 1, arms: ['small'] }), activations: false },
      options(),
    );
    expect(none.arms.some((arm) => 'activations' in arm)).toBe(false);
  });

  it('reports conflicting settings', async () => {
    const backwards = tinyExperiment();
    backwards.arms = ['vanilla', 'fixres'].map((name) =>
      backwards.arms.find((arm) => arm.name === name)!,
    );
    backwards.comparisons = [];
    await expect(runExperiment(backwards, options())).rejects.toThrow(
      'is initialised from "small", which is not an earlier arm (earlier arms: vanilla',
    );
    const unknown = tinyExperiment({ epochs: 1, finetuneEpochs: 1 });
    unknown.comparisons = [{ a: 'small', b: 'huge', policy: 'own' }];
    await expect(runExperiment(unknown, options())).rejects.toThrow('names arm "huge"');
  });
});

describe('fixresExperiment', () => {
  it('matches the Keras example exactly with the preset keras', () => {
    const experiment = fixresExperiment(fixresPresets.keras);
    expect(experiment.model).toEqual({ name: 'resnet50v2', width: 64 });
    expect(experiment.batchSize).toBe(32);
    const arm = (name: string) => experiment.arms.find((spec) => spec.name === name)!;
    expect(arm('small')).toMatchObject({
      epochs: 30,
      schedule: { type: 'constant', rate: 1e-3 },
      freeze: 'all',
      trainPolicy: { output: { width: 128 } },
    });
    expect(arm('vanilla')).toMatchObject({
      epochs: 30,
      schedule: { type: 'constant', rate: 1e-3 },
      freeze: 'all',
      trainPolicy: { output: { width: 224 } },
    });
    expect(arm('fixres')).toMatchObject({
      epochs: 10,
      schedule: { type: 'constant', rate: 1e-4 },
      freeze: 'classifier+last-bn',
      initFrom: 'small',
    });
    expect(arm('fixres').trainPolicy.steps[0]).toMatchObject({ op: 'resize', width: 392 });
    expect(arm('small').trainPolicy.steps[0]).toMatchObject({
      area: [0.05, 1],
      aspectRatio: [0.75, 1.33],
      maxAttempts: 100,
    });
    expect(arm('control').trainPolicy.output.width).toBe(128);
    expect(experiment.evaluations.map(evaluationKey)).toEqual([
      'resize@128',
      'resize@224',
      'fixresTest@224',
    ]);
  });

  it("follows the paper's authors with the preset paper", () => {
    const experiment = fixresExperiment(fixresPresets.paper);
    const [small, , fixres, control, equalCost, vanilla] = experiment.arms;
    // 8 x rate x batch size / 512, a tenth of it after every 30 epochs.
    expect(small!.schedule).toEqual({
      type: 'step',
      rate: (8 * 0.02 * 32) / 512,
      factor: 0.1,
      every: 30,
    });
    expect(fixres!.schedule).toMatchObject({ rate: (8 * 0.001 * 32) / 512 });
    expect(fixres).toMatchObject({
      optimizer: { type: 'sgd', momentum: 0.9, weightDecay: { rate: 1e-4, kind: 'l2' } },
      freeze: 'classifier+last-bn-stats',
      trainPolicy: { name: 'shiftedCrop', output: { width: 224 } },
      testPolicy: { name: 'shortSideCrop', output: { width: 224 } },
    });
    expect(control).toMatchObject({
      trainPolicy: { name: 'shiftedCrop', output: { width: 128 } },
      epochs: fixres!.epochs,
    });
    // The rate falls as often, whatever the number of epochs.
    expect(equalCost!.schedule).toEqual({
      type: 'step',
      rate: (8 * 0.02 * 32) / 512,
      factor: 0.1,
      parts: 4,
    });
    expect(vanilla!.trainPolicy.steps[0]).toMatchObject({
      op: 'randomResizedCrop',
      scale: [0.08, 1],
    });
    expect(experiment.evaluations.map(evaluationKey)).toEqual([
      'shortSideCrop@128',
      'shortSideCrop@224',
    ]);
    // The fine-tuned and the vanilla arm have the same test policy, so "own" is their only
    // comparison.
    expect(experiment.comparisons.filter(({ a, b }) => a === 'fixres' && b === 'vanilla')).toEqual([
      { a: 'fixres', b: 'vanilla', policy: 'own' },
    ]);
  });

  it('derives the large size from the images with the preset matched', () => {
    const flowers = [
      { width: 320, height: 240 },
      { width: 240, height: 320 },
    ];
    const { arms } = fixresExperiment(fixresPresets.matched, flowers);
    const { cropSize } = planResolution(flowers, sampledBoundingBoxCrop(128), {
      trainSize: 128,
    }).matched;
    expect(arms.map(({ trainPolicy }) => trainPolicy.output.width)).toEqual([
      128,
      cropSize,
      cropSize,
      128,
      cropSize,
      cropSize,
    ]);
    expect(arms[2]).toMatchObject({
      testPolicy: { name: 'shortSideCrop' },
      trainPolicy: { name: 'shortSideCrop+flip' },
    });
    expect(() => fixresExperiment(fixresPresets.matched)).toThrow(
      'needs the sizes of the training images',
    );
    expect(() => fixresExperiment({ ...fixresPresets.keras, large: 'matched' }, flowers)).toThrow(
      'requires the recipe matched, not keras',
    );
  });

  it('compares the claim first: with small, and with vanilla at the same compute; then the sources of the gain', () => {
    const { arms, comparisons } = fixresExperiment(fixresPresets.quick);
    expect(comparisons.slice(0, 5)).toEqual([
      { a: 'fixres', b: 'small', policy: 'own' },
      { a: 'fixres', b: 'vanilla-equal-cost', policy: 'own' },
      { a: 'fixres', b: 'vanilla-equal-cost', policy: 'shortSideCrop@112' },
      { a: 'untuned', b: 'small', policy: 'own' },
      { a: 'fixres', b: 'untuned', policy: 'own' },
    ]);
    const [, untuned, fixres, , equalCost, vanilla] = arms;
    // They differ only in their weights.
    expect(untuned).toMatchObject({ initFrom: 'small', epochs: 0, testPolicy: fixres!.testPolicy });
    const { cost, ...ofVanilla } = equalCost!;
    expect(cost).toEqual({ equalTo: 'fixres' });
    expect(vanilla).toMatchObject({
      ...ofVanilla,
      name: 'vanilla',
      description: vanilla!.description,
      epochs: fixresPresets.quick.epochs,
    });
  });

  it('creates only the requested arms, with the comparisons between them', () => {
    const { arms, comparisons } = fixresExperiment({
      ...fixresPresets.quick,
      arms: ['fixres', 'small', 'control'],
    });
    expect(arms.map(({ name }) => name)).toEqual(['small', 'fixres', 'control']);
    expect(comparisons.map(({ a, b }) => `${a}-${b}`)).toEqual(['fixres-small', 'fixres-control']);
  });

  it.each([
    [
      { arms: [] as FixresArm[] },
      'Option "arms" is ""; it must name at least one of small, untuned, fixres, control, vanilla-equal-cost, vanilla.',
    ],
    [
      { arms: ['small', 'tuned'] as FixresArm[] },
      'Option "arms" is "small,tuned"; "tuned" is not one of small, untuned,',
    ],
    [{ arms: ['small', 'small'] as FixresArm[] }, 'it names "small" twice'],
    [{ arms: ['fixres'] as FixresArm[] }, '"fixres" needs "small", which must be among them'],
    [
      { arms: ['small', 'vanilla-equal-cost'] as FixresArm[] },
      '"vanilla-equal-cost" needs "fixres", which must be among them',
    ],
    [{ small: 16 }, 'Option "small" is 16; it must be a whole number from 32 to 4096.'],
    [{ large: 64 }, 'Option "large" is 64; it must be larger than "small", which is 64.'],
    [{ epochs: 0 }, 'Option "epochs" is 0'],
    [{ batchSize: 1 }, 'Option "batchSize" is 1'],
    [{ seedCount: 1.5 }, 'Option "seedCount" is 1.5'],
  ])('refuses %j', (overrides, message) => {
    expect(() =>
      fixresExperiment({ ...fixresPresets.quick, small: 64, large: 112, ...overrides }),
    ).toThrow(message);
  });
});
