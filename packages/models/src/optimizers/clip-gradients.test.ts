import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { engines, setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { recipeFixtures } from '../../test/support/fixtures.ts';
import { checkClipping, clipGradients, type GradientClipping } from './clip-gradients.ts';

const { clipping } = recipeFixtures();

/** Shapes in torch, and the axes that bring them into Keras's layout. */
const layouts = {
  kernel: { shape: [3, 4], axes: [1, 0], name: 'layer/kernel' },
  depthwise: { shape: [4, 1, 2, 2], axes: [2, 3, 0, 1], name: 'layer/depthwise_kernel' },
  bias: { shape: [3], axes: [0], name: 'layer/bias' },
  head: { shape: [2, 3], axes: [1, 0], name: 'predictions/kernel' },
} as const;
type Name = keyof typeof layouts;
const names = Object.keys(layouts) as Name[];

const kerasTensor = (name: Name, values: ArrayLike<number>): tf.Tensor => {
  const { shape, axes } = layouts[name];
  return tf.transpose(tf.tensor(Float32Array.from(values), [...shape]), [...axes]);
};
const inverse = (axes: readonly number[]): number[] => axes.map((_, axis) => axes.indexOf(axis));

const limits: [keyof typeof clipping, GradientClipping][] = [
  ['norm', { norm: 0.5 }],
  ['normBelow', { norm: 50 }],
  ['value', { value: 0.3 }],
  ['adaptive', { adaptive: 0.02 }],
];

for (const engine of engines)
  describe(`clipGradients on ${engine}`, onEngine(engine), () => {
    beforeEach(() => setEngine(engine));

    it.each(limits)('equals torch and timm: %s', (kind, limit) => {
      const variables = tf.tidy(() =>
        names.map((name) =>
          tf.variable(
            kerasTensor(
              name,
              fill(
                name,
                layouts[name].shape.reduce((product: number, side) => product * side, 1),
              ),
            ),
            true,
            `clip_${kind}_${engine}/${layouts[name].name}`,
          ),
        ),
      );
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const gradients = Object.fromEntries(
          names.map((name, i) => [variables[i]!.name, kerasTensor(name, clipping.none[name])]),
        );
        const clipped = clipGradients(gradients, limit, new Set([variables[3]!.name]));
        for (const [i, name] of names.entries()) {
          const values = tf
            .transpose(clipped[variables[i]!.name]!, inverse(layouts[name].axes))
            .dataSync();
          clipping[kind][name].forEach((expected, at) =>
            expect(values[at], `${name}[${at}]`).toBeCloseTo(expected, 6),
          );
        }
      });
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose(variables);
    });
  });

it('refuses a limit that is not above 0', () => {
  expect(() => checkClipping({ norm: 0 })).toThrow(/Option clipGradients.norm is 0; it must be/);
  expect(() => checkClipping({ adaptive: NaN })).toThrow(/clipGradients.adaptive is NaN/);
});
