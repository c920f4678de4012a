import {
  fixresFinetune,
  fixresTest,
  resize,
  resizeFlip,
  sampledBoundingBoxCrop,
} from '@fixres/data';
import { createModel } from '@fixres/models';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ArmSpec,
  type Experiment,
  type PlannedArm,
  type PlannedExperiment,
  type Precision,
  trainingLength,
} from '@fixres/runs';
import { imageCompute } from './image-compute.ts';
import { resolveCosts } from './resolve-costs.ts';

beforeAll(() => tf.setBackend('cpu'));

/**
 * Multiply-adds of {@link tinyModel} at image size 8: 6 x 6 outputs of 2 filters of 3 x 3 x 3, then
 * 2 x 3 for the classes.
 */
const CONV = 36 * 2 * 27;
const HEAD = 2 * 3;

/** Convolution, norm, mean, classifier of three classes. */
function tinyModel(own?: layers.Layer): LayersModel {
  const { conv2d, batchNormalization, globalAveragePooling2d, dense } = layers;
  const image = input({ shape: [null, null, 3] });
  const parts = [
    conv2d({ filters: 2, kernelSize: 3, name: 'conv' }),
    batchNormalization({ name: 'norm' }),
    ...(own ? [own] : []),
    globalAveragePooling2d({ name: 'mean' }),
    dense({ units: 3, activation: 'softmax', name: 'predictions' }),
  ];
  return model({
    inputs: image,
    outputs: parts.reduce((x, layer) => layer.apply(x) as SymbolicTensor, image),
  });
}

const scratch: ArmSpec = {
  name: 'small',
  description: '',
  initFrom: null,
  trainPolicy: resizeFlip(8),
  testPolicy: resize(8),
  epochs: 4,
  schedule: { type: 'constant', rate: 1 },
  freeze: 'all',
};
const tuned: ArmSpec = {
  ...scratch,
  name: 'tuned',
  initFrom: 'small',
  epochs: 3,
  freeze: 'classifier',
};

function costed(arm: ArmSpec, equalTo: string, name = 'equal'): PlannedArm {
  return { ...arm, name, epochs: undefined, cost: { equalTo } };
}

function experimentOf(
  arms: PlannedArm[],
  overrides: Partial<PlannedExperiment> = {},
): PlannedExperiment {
  return {
    model: { folder: 'own', digest: '', imageSize: 8, newClassifier: 'if-needed' },
    arms,
    evaluations: [resize(8)],
    comparisons: [],
    seeds: [0],
    batchSize: 4,
    ...overrides,
  };
}

async function resolved(
  arms: PlannedArm[],
  { own, ...overrides }: Partial<PlannedExperiment> & { own?: layers.Layer } = {},
): Promise<Experiment> {
  const openTeacher = (): Promise<LayersModel> => Promise.resolve(tinyModel(own));
  const openModel = (): Promise<{ model: LayersModel; architecture: undefined }> =>
    Promise.resolve({ model: tinyModel(own), architecture: undefined });
  // Ten images: batches of 4, 4 and 2.
  return resolveCosts(experimentOf(arms, overrides), {
    trainImages: 10,
    classes: 3,
    openModel,
    openTeacher,
  });
}

describe('resolveCosts', () => {
  it('counts as by hand: from scratch, with a frozen trunk, and including the arm it is initialised from', async () => {
    const net = tinyModel();
    const flags = net.layers.map((layer) => layer.trainable);
    const whole = await imageCompute(net, scratch);
    // Three passes, without the gradient of the image.
    expect(whole).toMatchObject({
      forward: CONV + HEAD,
      backward: CONV + 2 * HEAD,
      norms: { before: 0, following: 1 },
      unknownLayers: [],
    });
    expect(await imageCompute(net, tuned)).toMatchObject({
      forward: CONV + HEAD,
      backward: HEAD,
      norms: { before: 0, following: 0 },
    });
    expect(net.layers.map((layer) => layer.trainable)).toEqual(flags);
    net.dispose();
    // Four epochs, and three of the head alone: 40 (3 CONV + 3 HEAD - CONV) + 30 (CONV + 2 HEAD).
    const budget = 40 * (2 * CONV + 3 * HEAD) + 30 * (CONV + 2 * HEAD);
    const images = Math.floor(budget / (2 * CONV + 3 * HEAD));
    expect(images).toBe(55);
    const { arms } = await resolved([scratch, tuned, costed(scratch, 'tuned')]);
    // Five epochs of three steps, and one batch of four.
    expect(arms.map(({ name, epochs, steps }) => [name, epochs, steps])).toEqual([
      ['small', 4, undefined],
      ['tuned', 3, undefined],
      ['equal', 6, 16],
    ]);
    expect(arms[2]!.cost).toEqual({ equalTo: 'tuned' });
  });

  it('subtracts the cost of the initial arm, and resolves costs that depend on other costs', async () => {
    const { arms } = await resolved([
      scratch,
      tuned,
      costed({ ...scratch, initFrom: 'small' }, 'tuned', 'longer'),
      costed(scratch, 'longer', 'as-long'),
      costed(tuned, 'tuned', 'again'),
    ]);
    // 30 (CONV + 2 HEAD) is enough for 14 images: an epoch and a batch.
    expect(arms.map(({ name, steps }) => [name, steps])).toEqual([
      ['small', undefined],
      ['tuned', undefined],
      ['longer', 4],
      ['as-long', 16],
      ['again', 9],
    ]);
    const images = (arm: ArmSpec): number =>
      trainingLength(arm, { images: 10, batchSize: 4 }).images;
    expect(arms.map(images)).toEqual([40, 30, 14, 54, 30]);
  });

  it('counts the pass that re-estimates statistics', async () => {
    const arms = [scratch, costed(scratch, 'small')];
    // If both have the pass, it makes no difference.
    expect((await resolved(arms, { normStatistics: 'precise' })).arms[1]!.steps).toBe(12);
    // The classifier alone has no such pass: its 8 forward images, in whole batches, pay for five
    // more trained images, which is one batch.
    const frozen = [tuned, costed({ ...tuned, freeze: 'classifier+last-bn' }, 'tuned')].map(
      (arm) => ({ ...arm, initFrom: null }),
    ) as PlannedArm[];
    expect((await resolved(frozen)).arms[1]!.steps).toBe(8);
    const [first, second] = (await resolved(frozen, { normStatistics: 'precise' })).arms;
    const costs = [
      30 * (CONV + 2 * HEAD),
      (n: number) => n * (CONV + 3 * HEAD) + 8 * (CONV + HEAD),
    ] as const;
    const trained = trainingLength(second!, { images: 10, batchSize: 4 }).images;
    expect(first!.epochs).toBe(3);
    expect(costs[1](trained)).toBeLessThanOrEqual(costs[0]);
    expect(second!.steps).toBe(6);
    expect(costs[1](24)).toBeGreaterThan(costs[0]);
  });

  it('counts the forward pass of a teacher for every image that is trained on', async () => {
    const before = tf.memory().numTensors;
    const taught: ArmSpec = { ...scratch, distill: { teacher: 'teacher', digest: '' } };
    const { arms } = await resolved([
      taught,
      costed(scratch, 'small'),
      costed({ ...taught, freeze: 'classifier' }, 'equal', 'head'),
    ]);
    expect(tf.memory().numTensors).toBe(before);
    const teacher = CONV + HEAD;
    const budget = 40 * (2 * CONV + 3 * HEAD + teacher);
    // Five epochs, and two batches of four.
    expect(Math.floor(budget / (2 * CONV + 3 * HEAD))).toBe(59);
    // The head alone with the teacher takes as much as training everything.
    expect(CONV + 2 * HEAD + teacher).toBe(2 * CONV + 3 * HEAD);
    expect(arms.map((arm) => trainingLength(arm, { images: 10, batchSize: 4 }).images)).toEqual([
      40, 58, 58,
    ]);
  });

  it('keeps arms with a length unchanged, including derived ones', async () => {
    const derived: ArmSpec = {
      ...scratch,
      name: 'equal',
      epochs: 6,
      steps: 16,
      cost: { equalTo: 'small' },
    };
    const { arms } = await resolved([scratch, derived]);
    expect(arms).toEqual([scratch, derived]);
  });

  it('leaks no tensor', async () => {
    const before = tf.memory().numTensors;
    await resolved([scratch, costed(scratch, 'small')]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives vanilla of a known architecture the compute of small and fixres, to a step', async () => {
    const sizes = { trainSize: 32, size: 48 };
    const small: ArmSpec = {
      ...scratch,
      trainPolicy: sampledBoundingBoxCrop(32),
      testPolicy: resize(32),
      epochs: 16,
    };
    const fixres: ArmSpec = {
      ...tuned,
      initFrom: 'small',
      trainPolicy: fixresFinetune(sizes),
      testPolicy: fixresTest(sizes),
      epochs: 5,
      freeze: 'classifier+last-bn',
    };
    const vanilla: PlannedArm = costed(
      { ...scratch, trainPolicy: sampledBoundingBoxCrop(48), testPolicy: resize(48) },
      'tuned',
      'vanilla',
    );
    const planned: PlannedExperiment = {
      ...experimentOf([small, fixres, vanilla]),
      model: { name: 'resnet14v2', width: 4 },
      evaluations: [resize(32), fixresTest(sizes), resize(48)],
      batchSize: 16,
    };
    const { arms } = await resolveCosts(planned, { trainImages: 100, classes: 5 });
    const net = createModel('resnet14v2', { width: 4, classes: 5 });
    const [ofSmall, ofFixres, ofVanilla] = (await Promise.all(
      arms.map(async (arm) => {
        const { forward, backward } = await imageCompute(net, arm);
        return forward + backward;
      }),
    )) as [number, number, number];
    net.dispose();
    const budget = 1600 * ofSmall + 500 * ofFixres;
    const imagesOf = (steps: number): number =>
      trainingLength({ epochs: 100, steps }, { images: 100, batchSize: 16 }).images;
    expect(imagesOf(arms[2]!.steps!) * ofVanilla).toBeLessThanOrEqual(budget);
    expect(imagesOf(arms[2]!.steps! + 1) * ofVanilla).toBeGreaterThan(budget);
    // About three passes per image from scratch, about one with a frozen trunk; the cost grows with
    // the area.
    const about = (1600 * 3 + 500 * (48 / 32) ** 2) / (3 * (48 / 32) ** 2);
    expect(imagesOf(arms[2]!.steps!) / about).toBeGreaterThan(0.9);
    expect(imagesOf(arms[2]!.steps!) / about).toBeLessThan(1.1);
  });

  it.each<
    [string, PlannedArm[], Partial<PlannedExperiment> & { own?: () => layers.Layer }, string]
  >([
    [
      'the cost of an unknown arm',
      [scratch, costed(scratch, 'big')],
      {},
      'The cost of arm "equal" is that of "big", which does not exist; it must be an earlier arm: small.',
    ],
    [
      'the cost of itself',
      [scratch, costed(scratch, 'equal')],
      {},
      'The cost of arm "equal" is that of itself; it must be an earlier arm: small.',
    ],
    [
      'the cost of a later arm',
      [costed(scratch, 'small'), scratch],
      {},
      'The cost of arm "equal" is that of "small", which comes later; it must be an earlier arm: none.',
    ],
    [
      'a cycle of costs',
      [costed(scratch, 'b', 'a'), costed(scratch, 'a', 'b')],
      {},
      'The cost of arm "a" is that of "b", which comes later; it must be an earlier arm: none.',
    ],
    [
      'epochs with a cost',
      [scratch, { ...scratch, name: 'equal', cost: { equalTo: 'small' } }],
      {},
      'Arm "equal" has epochs 4 and a cost; epochs and steps follow from its cost.',
    ],
    [
      'steps with a cost',
      [scratch, { ...costed(scratch, 'small'), steps: 9 }],
      {},
      'Arm "equal" has steps 9 and a cost; epochs and steps follow from its cost.',
    ],
    [
      'a precision that is not resolved',
      [scratch],
      { precision: 'auto' as Precision },
      'Option "precision" is "auto", which is resolved before costs; allowed here are "float32" and "bfloat16".',
    ],
    [
      '0 steps',
      [{ ...scratch, steps: 0 }],
      {},
      'The experiment: arms[0].steps is 0: Too small: expected number to be >=1.',
    ],
    [
      'a fractional number of steps',
      [{ ...scratch, steps: 2.5 }],
      {},
      'The experiment: arms[0].steps is 2.5: expected int, received number.',
    ],
    [
      'the cost of an arm without training',
      [{ ...scratch, epochs: 0 }, costed(scratch, 'small')],
      {},
      'The cost of arm "equal" is that of "small", which takes 0 MAC: one step takes 15.6 kMAC, so no step is possible.',
    ],
    [
      'the cost of its initial arm',
      [scratch, costed({ ...scratch, initFrom: 'small' }, 'small')],
      {},
      'The cost of arm "equal" is that of "small", which takes 156 kMAC: "small", which the arm is initialised from, takes 156 kMAC, and one step takes 15.6 kMAC, so no step is possible.',
    ],
    [
      'a cost within its warm-up',
      [
        scratch,
        costed(
          { ...scratch, schedule: { type: 'cosine', rate: 1, warmUp: { epochs: 4 } } },
          'small',
        ),
      ],
      {},
      'The cost of arm "equal" is that of "small", which takes 156 kMAC: that allows 12 steps, no more than the arm\'s warm-up of 4 epochs of 3 steps.',
    ],
    [
      'the cost of unknown layers',
      [scratch, costed(scratch, 'small')],
      { own: () => new Own({}) },
      'The cost of arm "equal" is that of "small", which cannot be counted: the multiply-adds of layers of these kinds are not known: Own.',
    ],
  ])('refuses %s', async (_, arms, { own, ...overrides }, message) => {
    await expect(
      resolved(arms, { ...overrides, ...(own && { own: own() }) }),
    ).rejects.toMatchObject({ code: 'bad-option', message });
  });
});

class Own extends layers.Layer {
  static className = 'Own';
}
