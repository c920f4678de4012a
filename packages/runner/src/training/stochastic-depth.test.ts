import { useEngine } from '@fixres/engine';
import { mobileNetV2, resNet26V2, resNetV2 } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { residualModel } from '../../test/recipe-training.ts';
import { groupsOf } from '../evaluation/groups-of.ts';
import { residualBranches } from './residual-branches.ts';
import { hasDropout, stepSeed, withSeededDropout } from './seeded-dropout.ts';

beforeAll(async () => {
  await useEngine({ engine: 'cpu' });
});

const small = { classes: 2, width: 4, rescaling: { scale: 1, offset: 0 } };
const depths = (made: LayersModel): [string, number][] =>
  residualBranches(made, groupsOf(made)).map(({ layer, depth }) => [layer.name, depth]);

describe('residualBranches', () => {
  it("gives the blocks of a ResNet timm's linear depths, and finds branches beside projections", () => {
    const made = resNet26V2(small);
    // torch.linspace(0, 1, 8)
    expect(depths(made).map(([, depth]) => depth)).toEqual(
      Array.from({ length: 8 }, (_, i) => i / 7),
    );
    for (const { layer, input: branch } of residualBranches(made, groupsOf(made))) {
      const tensors = layer.inboundNodes[0]!.inputTensors;
      const { name } = tensors[branch]!.sourceLayer;
      expect(name).toBe(layer.name.replace('_out', '_3_conv'));
    }
    made.dispose();
  });

  // timm's EfficientNetBuilder: rate * block / 17 for these 17 blocks.
  it('counts blocks without a shortcut too, as timm does for MobileNetV2', () => {
    const made = mobileNetV2({ classes: 2, alpha: 0.35, rescaling: small.rescaling });
    expect(depths(made)).toEqual(
      [2, 4, 5, 7, 8, 9, 11, 12, 14, 15].map((i) => [`block_${i}_add`, i / 17]),
    );
    made.dispose();
  });

  it('finds those of an unknown and of a nested model', () => {
    const inner = residualModel();
    expect(depths(inner)).toEqual([
      ['add_1', 0],
      ['add_2', 0.5],
      ['add_3', 1],
    ]);
    const image = input({ shape: [32, 32, 3] });
    const outer = model({ inputs: image, outputs: inner.apply(image) as SymbolicTensor });
    expect(depths(outer)).toEqual(depths(inner));
    outer.dispose();
  });

  it('needs no second block', () => {
    const made = resNetV2({ ...small, stackDepths: [1, 1, 1, 1] });
    expect(depths(made).map(([, depth]) => depth)).toEqual([0, 1 / 3, 2 / 3, 1]);
    made.dispose();
  });
});

/** 1 + 2 x, twice: the branch of the second addition can be skipped. */
function twoBlocks(): LayersModel {
  const x = input({ shape: [1] });
  const branch = (from: SymbolicTensor, name: string): SymbolicTensor => {
    const y = layers
      .dense({ units: 1, useBias: false, kernelInitializer: 'ones', name })
      .apply(from) as SymbolicTensor;
    return layers.add({ name: `${name}_add` }).apply([from, y]) as SymbolicTensor;
  };
  const outputs = layers
    .dense({ units: 1, useBias: false, kernelInitializer: 'ones', name: 'classifier' })
    .apply(branch(branch(x, 'one'), 'two')) as SymbolicTensor;
  return model({ inputs: x, outputs });
}

describe('withSeededDropout with noise', () => {
  const run = (
    made: LayersModel,
    noise: Parameters<typeof withSeededDropout>[3],
    training = true,
  ): number[] =>
    tf.tidy(() =>
      Array.from(
        withSeededDropout(
          made,
          tf.tensor1d([stepSeed(0, 0)], 'int32'),
          () => made.apply(tf.ones([4000, 1]), { training }) as tf.Tensor,
          noise,
        ).dataSync(),
      ),
    );

  it('skips the last branch of whole images, and keeps the mean', () => {
    const made = twoBlocks();
    const before = tf.memory().numTensors;
    const values = run(made, { dropPath: 0.25 });
    // Of 2 + 2 / 0.75, or 2 where the branch is skipped.
    expect(new Set(values.map((value) => value.toFixed(4)))).toEqual(new Set(['2.0000', '4.6667']));
    const skipped = values.filter((value) => value === 2).length;
    // 1000, with a standard deviation of 27.
    expect(Math.abs(skipped - 1000)).toBeLessThan(120);
    expect(run(made, { dropPath: 0.25 })).toEqual(values);
    expect(tf.memory().numTensors).toBe(before);
    expect(made.layers.every((layer) => !Object.hasOwn(layer, 'call'))).toBe(true);
    made.dispose();
  });

  it('drops inputs of the classifier', () => {
    const made = twoBlocks();
    const values = run(made, { dropout: 0.5 });
    expect(new Set(values)).toEqual(new Set([0, 8]));
    expect(Math.abs(values.filter((value) => value === 0).length - 2000)).toBeLessThan(150);
    made.dispose();
  });

  it('is without effect in inference and at rate 0, and is part of what a model draws', () => {
    const made = twoBlocks();
    const noise = { dropPath: 0.5, dropout: 0.5 };
    expect(new Set(run(made, noise, false))).toEqual(new Set([4]));
    expect(new Set(run(made, {}))).toEqual(new Set([4]));
    expect([hasDropout(made), hasDropout(made, noise)]).toEqual([false, true]);
    made.dispose();
  });
});
