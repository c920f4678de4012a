import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { TorchFamily } from '../torch-family.ts';
import type { TorchNetwork } from '../torch-network.ts';
import { ceilAveragePool } from './ceil-average-pool.ts';

const names: Readonly<Record<string, string>> = {
  'basic 2,2,2,2': 'resnetv2_18',
  'basic 3,4,6,3': 'resnetv2_34',
  'bottleneck 3,4,6,3': 'resnetv2_50',
  'bottleneck 3,4,23,3': 'resnetv2_101',
  'bottleneck 3,8,36,3': 'resnetv2_152',
};

/**
 * ResNet v2 of timm with batch normalisation (He et al. 2016): pre-activation blocks, and a
 * normalisation before the pooling. Unlike in Keras, the first block of a stage has the stride. The
 * variants with a stem of three convolutions (`d`) also pool in their shortcuts.
 */
export const resNetV2Family: TorchFamily = {
  name: 'ResNetV2',
  marker: 'stages.0.blocks.0.norm1.weight',
  supports: /^resnetv2_(?:18|34|50|101|152)d?$/,
  examples: 'resnetv2_18, 34, 50, 101 and 152, the same with d',
  build(net, { headIsOptional }) {
    const { state } = net;
    const image = net.input();
    const isDeep = state.has('stem.conv1.weight');
    let x = isDeep ? deepStem(net, image) : net.conv(image, 'stem.conv', { stride: 2 });
    const width = x.shape.at(-1)!;
    x = maxPool(x, 'stem.pool');
    const depths = [0, 1, 2, 3].map((i) => state.count(`stages.${i}.blocks`));
    for (const [i, depth] of depths.entries())
      for (let j = 0; j < depth; j++)
        x = block(net, x, `stages.${i}.blocks.${j}`, i > 0 && j === 0 ? 2 : 1, isDeep);
    x = normAndRelu(net, x, 'norm');
    const output = net.classify(net.globalPool(x), 'head.fc', headIsOptional);
    const isBottleneck = state.has('stages.0.blocks.0.conv3.weight');
    const found = names[`${isBottleneck ? 'bottleneck' : 'basic'} ${depths.join(',')}`];
    const isPublished = width === 64 && state.shape('stages.0.blocks.0.conv1.weight')[0] === 64;
    const architecture = found && isPublished ? `${found}${isDeep ? 'd' : ''}` : 'resnetv2';
    return { image, output, architecture };
  },
};

function normAndRelu(net: TorchNetwork, x: SymbolicTensor, path: string): SymbolicTensor {
  return net.activation(net.batchNorm(x, path), 'relu', `${path}.act`);
}

function deepStem(net: TorchNetwork, image: SymbolicTensor): SymbolicTensor {
  let x = image;
  for (const i of [1, 2])
    x = normAndRelu(
      net,
      net.conv(x, `stem.conv${i}`, { stride: i === 1 ? 2 : 1 }),
      `stem.norm${i}`,
    );
  return net.conv(x, 'stem.conv3');
}

/**
 * `nn.MaxPool2d(3, 2, 1)` of numbers that can be negative: windows around every second pixel. They
 * end at the border, which a border of zeros would not do.
 */
function maxPool(x: SymbolicTensor, name: string): SymbolicTensor {
  const windows = layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same', name });
  const everySecond = layers.maxPooling2d({ poolSize: 1, strides: 2, name: `${name}.stride` });
  return everySecond.apply(windows.apply(x)) as SymbolicTensor;
}

function block(
  net: TorchNetwork,
  x: SymbolicTensor,
  path: string,
  stride: number,
  isDeep: boolean,
): SymbolicTensor {
  const count = net.state.has(`${path}.conv3.weight`) ? 3 : 2;
  const before = normAndRelu(net, x, `${path}.norm1`);
  let y = before;
  for (let i = 1; i <= count; i++) {
    if (i > 1) y = normAndRelu(net, y, `${path}.norm${i}`);
    y = net.conv(y, `${path}.conv${i}`, { stride: i === count - 1 ? stride : 1 });
  }
  const shortcut = `${path}.downsample`;
  if (!net.state.hasModule(shortcut)) return net.add(y, x, `${path}.add`);
  const z = isDeep
    ? net.conv(ceilAveragePool(before, stride, `${shortcut}.pool`), `${shortcut}.conv`)
    : net.conv(before, `${shortcut}.conv`, { stride });
  return net.add(y, z, `${path}.add`);
}
