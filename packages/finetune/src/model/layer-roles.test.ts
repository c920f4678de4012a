import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { nestedModel, residualModel } from '../../test/models.ts';
import { findRoles } from './layer-roles.ts';
import { modelGraph } from './model-graph.ts';
import { collectLayers } from './model-layers.ts';

const { activation, add, batchNormalization, concatenate, dense } = tfl.layers;
type Symbolic = tfl.SymbolicTensor;

function roles(model: tfl.LayersModel): Record<'classifier' | 'norm' | 'lastNorm', string[]> {
  const found = findRoles(modelGraph(model), collectLayers(model));
  const paths = (set: ReadonlySet<{ path: string }>): string[] =>
    [...set].map(({ path }) => path).toSorted();
  return {
    classifier: paths(found.classifier),
    norm: paths(found.norm),
    lastNorm: paths(found['last-norm']),
  };
}

describe('findRoles', () => {
  it('looks through pooling, activation and nesting', () => {
    expect(roles(residualModel())).toEqual({
      classifier: ['predictions'],
      norm: ['b1_bn', 'b2_bn', 'post_bn'],
      lastNorm: ['post_bn'],
    });
    expect(roles(nestedModel())).toEqual({
      classifier: ['logits'],
      norm: ['head_bn', 'trunk/bn1', 'trunk/bn2'],
      lastNorm: ['head_bn'],
    });
  });

  it('finds the last norm inside a nested trunk, also as the first layer of a sequential model', () => {
    const trunk = tfl.sequential({
      name: 'trunk',
      layers: [
        dense({ units: 3, inputShape: [2], name: 'd1' }),
        batchNormalization({ name: 'bn1' }),
        activation({ activation: 'relu', name: 'act' }),
      ],
    });
    const model = tfl.sequential({
      layers: [
        trunk,
        dense({ units: 2, name: 'head' }),
        activation({ activation: 'softmax', name: 'soft' }),
      ],
    });
    expect(roles(model)).toEqual({
      classifier: ['head'],
      norm: ['trunk/bn1'],
      lastNorm: ['trunk/bn1'],
    });
  });

  it('counts a layer normalisation as the last norm, but not as a batch normalisation', () => {
    const { layerNormalization } = tfl.layers;
    const model = tfl.sequential({
      layers: [
        dense({ units: 3, inputShape: [2], name: 'd1' }),
        batchNormalization({ name: 'bn' }),
        layerNormalization({ name: 'ln' }),
        dense({ units: 2, name: 'head' }),
      ],
    });
    expect(roles(model)).toEqual({ classifier: ['head'], norm: ['bn'], lastNorm: ['ln'] });
  });

  it('selects the norm nearest to the output, and the later of two at the same depth', () => {
    const x = tfl.input({ shape: [4] });
    const long = batchNormalization({ name: 'long_bn' }).apply(
      dense({ units: 4, name: 'l2' }).apply(
        batchNormalization({ name: 'early_bn' }).apply(dense({ units: 4, name: 'l1' }).apply(x)),
      ),
    ) as Symbolic;
    const short = batchNormalization({ name: 'short_bn' }).apply(
      dense({ units: 4, name: 's1' }).apply(x),
    ) as Symbolic;
    const both = add({ name: 'sum' }).apply([short, long]) as Symbolic;
    const after = activation({ activation: 'relu', name: 'act' }).apply(both) as Symbolic;
    const model = tfl.model({
      inputs: x,
      outputs: dense({ units: 2, name: 'out' }).apply(after) as Symbolic,
    });
    expect(roles(model).lastNorm).toEqual(['long_bn']);
  });

  it('finds one classifier per output, and never a norm', () => {
    const x = tfl.input({ shape: [4] });
    const body = batchNormalization({ name: 'bn' }).apply(
      dense({ units: 4, name: 'body' }).apply(x),
    ) as Symbolic;
    const a = dense({ units: 2, name: 'a' }).apply(body) as Symbolic;
    const b = batchNormalization({ name: 'b_bn' }).apply(
      dense({ units: 2, name: 'b' }).apply(body),
    ) as Symbolic;
    const model = tfl.model({ inputs: x, outputs: [a, b] });
    expect(roles(model)).toMatchObject({ classifier: ['a', 'b'], lastNorm: ['bn'] });
    const joined = tfl.model({
      inputs: x,
      outputs: concatenate({ name: 'cat' }).apply([a, b]) as Symbolic,
    });
    expect(roles(joined).classifier).toEqual(['a', 'b']);
  });

  it('finds no norm in a model without norms', () => {
    const model = tfl.sequential({ layers: [dense({ units: 2, inputShape: [2], name: 'only' })] });
    expect(roles(model)).toEqual({ classifier: ['only'], norm: [], lastNorm: [] });
  });
});
