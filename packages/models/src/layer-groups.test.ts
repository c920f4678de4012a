import * as tf from '@tensorflow/tfjs-core';
import { layers, loadLayersModel, model, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { setEngine } from '../test/support/engines.ts';
import { mobileNetV2 } from './architectures/mobilenet-v2.ts';
import { resNet26V2 } from './architectures/resnet-v2.ts';
import { layerGroups } from './layer-groups.ts';

beforeAll(() => setEngine('cpu'));

const small = (): ReturnType<typeof resNet26V2> =>
  resNet26V2({ width: 2, classes: 3, rescaling: { scale: 1, offset: 0 } });

describe('layerGroups', () => {
  it('puts every layer into exactly one group, in the order of the model', () => {
    const model = small();
    const groups = layerGroups(model);
    expect(groups.map(({ name }) => name)).toEqual([
      'stem',
      'conv2',
      'conv3',
      'conv4',
      'conv5',
      'final-norm',
      'classifier',
    ]);
    const names = groups.flatMap((group) => group.layers);
    expect([...names].sort()).toEqual(model.layers.map((layer) => layer.name).sort());
    const members = Object.fromEntries(groups.map(({ name, layers: list }) => [name, list]));
    expect(members.stem).toEqual([
      'input_layer',
      'rescaling',
      'conv1_pad',
      'conv1_conv',
      'pool1_pad',
      'pool1_pool',
    ]);
    expect(members['final-norm']).toEqual(['post_bn', 'post_relu']);
    expect(members.classifier).toEqual(['avg_pool', 'predictions']);
    // Pools with generic names belong to the block they feed.
    expect(members.conv2).toContain('max_pooling2d');
    expect(members.conv3).toContain('max_pooling2d_1');
    expect(members.conv4).toContain('max_pooling2d_2');
  });

  it('separates the blocks of the stages', () => {
    const groups = layerGroups(small());
    const blocks = Object.fromEntries(
      groups.map(({ name, blocks: list }) => [name, list.map((block) => block.name)]),
    );
    expect(blocks).toEqual({
      stem: [],
      conv2: ['conv2_block1', 'conv2_block2'],
      conv3: ['conv3_block1', 'conv3_block2'],
      conv4: ['conv4_block1', 'conv4_block2'],
      conv5: ['conv5_block1', 'conv5_block2'],
      'final-norm': [],
      classifier: [],
    });
    for (const { layers: all, blocks: list } of groups) {
      if (list.length > 0) expect(list.flatMap((block) => block.layers)).toEqual(all);
    }
    expect(groups[1]?.blocks[1]?.layers).toContain('max_pooling2d');
  });

  it('groups MobileNetV2', () => {
    const model = mobileNetV2({ alpha: 0.1, classes: 3, rescaling: { scale: 1, offset: 0 } });
    const groups = layerGroups(model);
    const stages = ['stage1', 'stage2', 'stage3', 'stage4', 'stage5'];
    expect(groups.map(({ name }) => name)).toEqual(['stem', ...stages, 'final-norm', 'classifier']);
    expect(groups.flatMap((group) => group.layers)).toEqual(
      model.layers.map((layer) => layer.name),
    );
    expect(groups.map(({ blocks }) => blocks.length)).toEqual([0, 1, 2, 3, 7, 5, 0, 0]);
    expect(groups[5]?.blocks.map(({ name }) => name)).toEqual([
      'block_13',
      'block_14',
      'block_15',
      'block_16',
      'Conv_1',
    ]);
    for (const { layers: all, blocks } of groups) {
      if (blocks.length > 0) expect(blocks.flatMap((block) => block.layers)).toEqual(all);
    }
    expect(groups.at(-2)?.layers).toEqual(['Conv_1_bn', 'out_relu']);
    expect(
      layerGroups(mobileNetV2({ alpha: 0.1, includeTop: false, pooling: 'max' })).at(-1)?.layers,
    ).toEqual(['global_max_pooling2d']);
  });

  it('leaves out the classifier of a trunk, and groups loaded models', async () => {
    const trunk = resNet26V2({ width: 2, includeTop: false });
    expect(layerGroups(trunk).map(({ name }) => name)).not.toContain('classifier');
    const model = small();
    const loaded = await loadLayersModel(
      tf.io.fromMemory({ modelTopology: model.toJSON(null, false) as object }),
    );
    expect(layerGroups(loaded)).toEqual(layerGroups(model));
  });

  it('does not guess for other models', () => {
    const other = sequential({
      layers: [layers.dense({ units: 1, inputShape: [2], name: 'predictions' })],
    });
    expect(() => layerGroups(other)).toThrow(/no known architecture: ResNetV2.*MobileNetV2/);
    const trunk = resNet26V2({ width: 2, includeTop: false });
    const odd = model({
      inputs: trunk.inputs,
      outputs: layers.activation({ activation: 'tanh', name: 'odd' }).apply(trunk.outputs) as never,
    });
    expect(() => layerGroups(odd)).toThrow(/not a ResNetV2: layer odd/);
  });
});
