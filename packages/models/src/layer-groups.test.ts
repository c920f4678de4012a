import * as tf from '@tensorflow/tfjs-core';
import { layers, loadLayersModel, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { setEngine } from '../test/support/engines.ts';
import { layerGroups } from './layer-groups.ts';
import { resNet26V2 } from './resnet-v2.ts';

beforeAll(() => setEngine('cpu'));

const small = (): ReturnType<typeof resNet26V2> => resNet26V2({ width: 2, classes: 3, rescaling: { scale: 1, offset: 0 } });

describe('layerGroups', () => {
  it('puts every layer into one group, in the order of the model', () => {
    const model = small();
    const groups = layerGroups(model);
    expect(groups.map(({ name }) => name)).toEqual(['stem', 'conv2', 'conv3', 'conv4', 'conv5', 'final-norm', 'classifier']);
    const names = groups.flatMap((group) => group.layers);
    expect([...names].sort()).toEqual(model.layers.map((layer) => layer.name).sort());
    const members = Object.fromEntries(groups.map(({ name, layers: list }) => [name, list]));
    expect(members.stem).toEqual(['input_layer', 'rescaling', 'conv1_pad', 'conv1_conv', 'pool1_pad', 'pool1_pool']);
    expect(members['final-norm']).toEqual(['post_bn', 'post_relu']);
    expect(members.classifier).toEqual(['avg_pool', 'predictions']);
    // Pools without a telling name belong to the block they feed.
    expect(members.conv2).toContain('max_pooling2d');
    expect(members.conv3).toContain('max_pooling2d_1');
    expect(members.conv4).toContain('max_pooling2d_2');
  });

  it('leaves out the classifier of a trunk, and knows loaded models', async () => {
    const trunk = resNet26V2({ width: 2, includeTop: false });
    expect(layerGroups(trunk).map(({ name }) => name)).not.toContain('classifier');
    const model = small();
    const loaded = await loadLayersModel(tf.io.fromMemory({ modelTopology: model.toJSON(null, false) as object }));
    expect(layerGroups(loaded)).toEqual(layerGroups(model));
  });

  it('does not guess about other models', () => {
    const other = sequential({ layers: [layers.dense({ units: 1, inputShape: [2], name: 'predictions' })] });
    expect(() => layerGroups(other)).toThrow(/not a ResNetV2/);
    const odd = sequential({ layers: [layers.dense({ units: 1, inputShape: [2], name: 'odd' })] });
    expect(() => layerGroups(odd)).toThrow(/not a ResNetV2: layer odd/);
  });
});
