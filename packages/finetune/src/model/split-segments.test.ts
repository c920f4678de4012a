import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { gap, nestedModel, residualModel, wave } from '../../test/models.ts';
import { applyFreezePolicy, type FreezeHandle } from '../freezing/apply-freeze-policy.ts';
import { type ModelSegment, splitSegments } from './split-segments.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function runAll(
  segments: readonly ModelSegment[],
  x: tf.Tensor,
  options: { training: boolean; release: boolean },
): tf.Tensor {
  return segments.reduce((value, segment) => segment.run(value, options), x);
}

const namesOf = (segments: readonly ModelSegment[]): (readonly string[])[] =>
  segments.map(({ layers }) => layers);

describe('splitSegments', () => {
  it('cuts after residual additions, and computes what the model computes', async () => {
    const [whole, parts] = [residualModel(), residualModel()];
    const handle = await applyFreezePolicy(parts, 'all');
    const segments = splitSegments(handle, []);
    expect(segments.map(({ layers }) => layers.at(-1))).toEqual([
      'b1_add',
      'b2_add',
      'predictions',
    ]);
    const variables = segments.flatMap((segment) => segment.variables);
    expect(new Set(variables)).toEqual(new Set(handle.gradientVariables));
    expect(variables).toHaveLength(handle.gradientVariables.length);
    const x = wave([4, 6, 6, 2]);
    const before = tf.memory().numTensors;
    for (const release of [false, true]) {
      const expected = whole.apply(x, { training: true }) as tf.Tensor;
      expect(gap(runAll(segments, x, { training: true, release }), expected)).toBe(0);
    }
    for (const [i, weight] of parts.getWeights().entries())
      expect(gap(weight, whole.getWeights()[i]!)).toBe(0);
    expect(tf.memory().numTensors).toBeLessThan(before + 20);
  });

  it('cuts between groups of layers, where one tensor crosses', async () => {
    const handle = await applyFreezePolicy(residualModel(), 'all');
    const names = handle.model.layers.map(({ name }) => name).slice(1);
    const all = namesOf(
      splitSegments(
        handle,
        names.map((name) => [name]),
      ),
    );
    expect(all.flat()).toEqual(names);
    // The branch and its shortcut are one segment.
    expect(all.find((layers) => layers.includes('b1_add'))!.length).toBeGreaterThan(1);
    expect(all.at(-1)).toEqual(['predictions']);
  });

  it('leaves out the frozen trunk', async () => {
    const handle = await applyFreezePolicy(residualModel(), 'classifier+last-bn');
    const segments = splitSegments(handle, [['post_bn', 'post_relu']]);
    expect(namesOf(segments)).toEqual([
      ['post_bn', 'post_relu'],
      ['pool', 'predictions'],
    ]);
  });

  it('cuts nested models and shared layers', async () => {
    const handle = await applyFreezePolicy(nestedModel(), 'all');
    const segments = splitSegments(handle, []);
    expect(segments.map(({ layers }) => layers.at(-1))).toEqual(['sum', 'logits']);
    const x = wave([3, 6, 6, 2]);
    const whole = handle.model.apply(x, { training: false }) as tf.Tensor;
    expect(gap(runAll(segments, x, { training: false, release: true }), whole)).toBe(0);
  });

  it('finds none in models with masks or several outputs', async () => {
    const masked = tfl.sequential({
      layers: [
        tfl.layers.embedding({ inputDim: 5, outputDim: 3, inputLength: 4, maskZero: true }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 2 }),
      ],
    });
    expect(splitSegments(await applyFreezePolicy(masked, 'all'), [])).toEqual([]);
    const image = tfl.input({ shape: [4] });
    const outputs = [1, 2].map(
      (units) => tfl.layers.dense({ units }).apply(image) as tfl.SymbolicTensor,
    );
    const two = tfl.model({ inputs: image, outputs });
    expect(splitSegments(await applyFreezePolicy(two, 'all'), [])).toEqual([]);
  });

  it('refuses to run after the policy was restored', async () => {
    const handle: FreezeHandle = await applyFreezePolicy(residualModel(), 'all');
    const [segment] = splitSegments(handle, []);
    handle.restore();
    expect(() => segment!.run(wave([1, 6, 6, 2]), { training: true, release: true })).toThrow(
      /no longer applied/,
    );
  });
});
