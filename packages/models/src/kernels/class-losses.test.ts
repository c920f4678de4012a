import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { engines, setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { recipeFixtures } from '../../test/support/fixtures.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { classTargets } from './class-targets.ts';
import { focalLoss } from './focal-loss.ts';
import { sigmoidFocalLoss } from './sigmoid-focal-loss.ts';
import { softDistillation } from './soft-distillation.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';
import { weightedCrossEntropy } from './weighted-cross-entropy.ts';

const { losses, kerasLosses } = recipeFixtures();
const near = Array.from(fill('logits', 30), (u) => 3 * u);
const far = [...fill('logits', 20).map((u) => 3 * u), ...fill('far', 10).map((u) => 80 * u)];
const weights = [0.5, 1, 2, 0.25, 3];

/** As in scripts/make-recipe-fixtures.py. */
const soft = (): tf.Tensor2D => {
  const parts = tf.tensor2d(Array.from(fill('soft', 30), Math.abs), [6, 5]);
  return tf.div(parts, tf.sum(parts, 1, true));
};
const hard = (logits: tf.Tensor2D): tf.Tensor2D =>
  classTargets(logits, tf.tensor1d([0, 4, 2, 1, 3, 3], 'int32'), undefined);

/** Several labels per image, or none. */
const multi = (): tf.Tensor2D => {
  const hot = Array.from(fill('multi', 25), (u) => (u > 0.2 ? 1 : 0));
  return tf.tensor2d([...hot, ...Array.from(fill('soft', 30), Math.abs).slice(-5)], [6, 5]);
};

/** `near`, each row rotated by one class. */
const teacher = (): tf.Tensor2D => {
  const rows = tf.tensor2d(near, [6, 5]);
  return tf.concat([tf.slice(rows, [0, 4], [6, 1]), tf.slice(rows, [0, 0], [6, 4])], 1);
};

type Loss = (logits: tf.Tensor2D) => tf.Tensor1D;
const cases: [string, { loss: number; gradient: number[] }, number[], Loss][] = [
  ["timm's of labels", losses.binary, far, (x) => binaryCrossEntropy(x, hard(x))],
  ["timm's of soft targets", losses.binarySoft, far, (x) => binaryCrossEntropy(x, soft())],
  [
    "timm's sum over classes",
    losses.binarySum,
    far,
    (x) => binaryCrossEntropy(x, soft(), { over: 'sum' }),
  ],
  [
    "timm's threshold",
    losses.binaryThreshold,
    far,
    (x) => binaryCrossEntropy(x, soft(), { threshold: 0.2 }),
  ],
  [
    "timm's class weights",
    losses.binaryWeights,
    far,
    (x) => binaryCrossEntropy(x, soft(), { weights }),
  ],
  [
    "torch's weighted cross-entropy of labels",
    losses.weighted,
    far,
    (x) => weightedCrossEntropy(x, hard(x), weights),
  ],
  [
    "torch's weighted cross-entropy of soft targets",
    losses.weightedSoft,
    far,
    (x) => weightedCrossEntropy(x, soft(), weights),
  ],
  [
    "torch's divergence from a teacher",
    losses.distillation,
    far,
    (x) => softDistillation(x, teacher(), 3),
  ],
  [
    "torch's divergence from a teacher at a low temperature",
    losses.distillationSharp,
    far,
    (x) => softDistillation(x, teacher(), 0.5),
  ],
  ["torch's of several labels", losses.multiLabel, far, (x) => binaryCrossEntropy(x, multi())],
  [
    "torch's pos_weight",
    losses.multiLabelWeights,
    far,
    (x) => binaryCrossEntropy(x, multi(), { positiveWeights: weights }),
  ],
  [
    "torchvision's focal loss of several labels",
    losses.multiLabelFocal,
    far,
    (x) => sigmoidFocalLoss(x, multi()),
  ],
  [
    "torch's focal loss with pos_weight",
    losses.multiLabelFocalWeights,
    near,
    (x) => sigmoidFocalLoss(x, multi(), { gamma: 1.5, positiveWeights: weights }),
  ],
  ["Keras's focal loss", kerasLosses.focal, near, (x) => focalLoss(x, soft())],
  [
    "Keras's focal loss with alpha",
    kerasLosses.focalWeights,
    near,
    (x) => focalLoss(x, soft(), { gamma: 1.5, weights }),
  ],
];

for (const engine of engines)
  describe(`class losses on ${engine}`, onEngine(engine), () => {
    beforeEach(() => setEngine(engine));

    it.each(cases)('equal %s, with the gradient', (_, expected, logits, loss) => {
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const x = tf.tensor2d(logits, [6, 5]);
        const { value, grad } = tf.valueAndGrad((each) => tf.mean(loss(each as tf.Tensor2D)))(x);
        expect(relativeError(value.dataSync(), [expected.loss])).toBeLessThan(1e-6);
        expect(relativeError(grad.dataSync(), expected.gradient)).toBeLessThan(1e-5);
      });
      expect(tf.memory().numTensors).toBe(before);
    });

    it('give a focal loss of gamma 0 that is cross-entropy, also for extreme logits', () => {
      tf.tidy(() => {
        const x = tf.tensor2d(far, [6, 5]);
        const gradientOf = (loss: Loss): ArrayLike<number> =>
          tf
            .grad((each) => tf.sum(loss(each as tf.Tensor2D)))(x)
            .dataSync();
        const focal: Loss = (each) => focalLoss(each, soft(), { gamma: 0 });
        const plain: Loss = (each) => softmaxCrossEntropy(each, soft());
        expect(relativeError(focal(x).dataSync(), plain(x).dataSync())).toBeLessThan(1e-6);
        expect(relativeError(gradientOf(focal), gradientOf(plain))).toBeLessThan(1e-5);
        const certain: Loss = (each) => focalLoss(each, hard(each), { gamma: 0.5 });
        expect(Array.from(gradientOf(certain)).every(Number.isFinite)).toBe(true);
        const [sigmoid, binary]: Loss[] = [
          (each) => sigmoidFocalLoss(each, multi(), { gamma: 0, positiveWeights: weights }),
          (each) => binaryCrossEntropy(each, multi(), { positiveWeights: weights }),
        ];
        expect(relativeError(gradientOf(sigmoid!), gradientOf(binary!))).toBeLessThan(1e-5);
        for (const gamma of [0.5, 2]) {
          const sure: Loss = (each) => sigmoidFocalLoss(tf.mul(each, 100), multi(), { gamma });
          expect(Array.from(gradientOf(sure)).every(Number.isFinite)).toBe(true);
        }
      });
    });

    it('are 0, like their gradient, for an image whose class has weight 0', () => {
      tf.tidy(() => {
        const x = tf.tensor2d([[1, 2]]);
        const loss: Loss = (each) => weightedCrossEntropy(each, tf.tensor2d([[1, 0]]), [0, 1]);
        expect(loss(x).dataSync()[0]).toBe(0);
        expect([
          ...tf
            .grad((each) => tf.sum(loss(each as tf.Tensor2D)))(x)
            .dataSync(),
        ]).toEqual([0, 0]);
      });
    });
  });

describe('class losses', () => {
  beforeEach(() => setEngine('cpu'));

  it('name a wrong option', () => {
    tf.tidy(() => {
      const [x, t] = [tf.zeros<tf.Rank.R2>([2, 3]), tf.zeros<tf.Rank.R2>([2, 3])];
      expect(() => softDistillation(x, t, 0)).toThrow(/Option temperature is 0; it must be/);
      expect(() => focalLoss(x, t, { gamma: -1 })).toThrow(/Option gamma is -1; it must be/);
      expect(() => sigmoidFocalLoss(x, t, { gamma: -1 })).toThrow(/Option gamma is -1; it must be/);
      expect(() => binaryCrossEntropy(x, t, { positiveWeights: [1] })).toThrow(/has 1 values/);
      expect(() => weightedCrossEntropy(x, t, [1, 2])).toThrow(
        /classWeights has 2 values; it must be 3 finite numbers/,
      );
      expect(() => binaryCrossEntropy(x, t, { weights: [1, -1, 1] })).toThrow(/at least 0/);
      expect(() => binaryCrossEntropy(x, tf.zeros([2, 2]))).toThrow(/shape \[2,2\].*\[2,3\]/);
    });
  });
});
