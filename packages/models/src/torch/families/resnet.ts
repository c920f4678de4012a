import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { TorchNetwork } from '../torch-network.ts';
import { ceilAveragePool } from './ceil-average-pool.ts';
import type { TorchFamily } from '../torch-family.ts';

/** Blocks of the four stages, and whether they are bottlenecks, by the names of both libraries. */
const names: Readonly<Record<string, string>> = {
  'basic 2,2,2,2': 'resnet18',
  'basic 3,4,6,3': 'resnet34',
  'bottleneck 2,2,2,2': 'resnet26',
  'bottleneck 3,4,6,3': 'resnet50',
  'bottleneck 3,4,23,3': 'resnet101',
  'bottleneck 3,8,36,3': 'resnet152',
};

/**
 * ResNet v1 (He et al. 2015) with the stride in the 3x3 convolution, as torchvision and timm
 * compute it: basic and bottleneck blocks of any width, grouped convolutions (ResNeXt), and the
 * stem of three convolutions and the pooled shortcuts of ResNet-D.
 */
export const resNetFamily: TorchFamily = {
  name: 'ResNet',
  marker: 'layer1.0.conv1.weight',
  examples: 'resnet18, 26, 34, 50, 101 and 152, the same with d, wide_resnet50_2, resnext50_32x4d',
  supports:
    /^(?:tv_)?(?:wide_resnet(?:50|101)_2|resnext(?:50|101)_\d+x\d+d|resnet(?:18|26|34|50|101|152)d?)$/,
  build(net, { headIsOptional }) {
    const { state } = net;
    const image = net.input();
    const isDeep = state.has('conv1.0.weight');
    let x = isDeep ? deepStem(net, image) : net.conv(image, 'conv1', { stride: 2 });
    x = net.activation(net.batchNorm(x, 'bn1'), 'relu', 'act1');
    x = net.zeroPad(x, [1, 1], 'maxpool.pad');
    // No number before the pooling is negative, so a border of zeros equals PyTorch's of -infinity.
    x = layers
      .maxPooling2d({ poolSize: 3, strides: 2, name: 'maxpool' })
      .apply(x) as SymbolicTensor;
    const depths = [1, 2, 3, 4].map((stage) => state.count(`layer${stage}`));
    for (const [i, depth] of depths.entries())
      for (let j = 0; j < depth; j++)
        x = block(net, x, `layer${i + 1}.${j}`, i > 0 && j === 0 ? 2 : 1);
    const output = net.classify(net.globalPool(x), 'fc', headIsOptional);
    return { image, output, architecture: architectureOf(net, depths, isDeep) };
  },
};

/** The name of the published model of these depths, widths and groups; `resnet` for others. */
function architectureOf(
  { state }: TorchNetwork,
  depths: readonly number[],
  isDeep: boolean,
): string {
  const isBottleneck = state.has('layer1.0.conv3.weight');
  const name = names[`${isBottleneck ? 'bottleneck' : 'basic'} ${depths.join(',')}`] ?? '';
  const [width, perGroup] = state.shape('layer1.0.conv2.weight') as [number, number];
  const stem = state.shape('bn1.weight')[0];
  const kind = `${width} ${width / perGroup}`;
  if (name === '' || stem !== 64) return 'resnet';
  if (isDeep)
    return kind === '64 1' && state.has('layer2.0.downsample.1.weight') ? `${name}d` : 'resnet';
  if (kind === '64 1') return name;
  if (!isBottleneck) return 'resnet';
  if (kind === '128 1') return `wide_${name}_2`;
  return `${name.replace('resnet', 'resnext')}_${width / perGroup}x${perGroup}d`;
}

function deepStem(net: TorchNetwork, image: SymbolicTensor): SymbolicTensor {
  let x = image;
  for (const i of [0, 3]) {
    x = net.conv(x, `conv1.${i}`, { stride: i === 0 ? 2 : 1 });
    x = net.activation(net.batchNorm(x, `conv1.${i + 1}`), 'relu', `conv1.${i + 2}`);
  }
  return net.conv(x, 'conv1.6');
}

function block(net: TorchNetwork, x: SymbolicTensor, path: string, stride: number): SymbolicTensor {
  const count = net.state.has(`${path}.conv3.weight`) ? 3 : 2;
  const strided = count - 1;
  let y = x;
  for (let i = 1; i <= count; i++) {
    y = net.conv(y, `${path}.conv${i}`, { stride: i === strided ? stride : 1 });
    y = net.batchNorm(y, `${path}.bn${i}`);
    if (i < count) y = net.activation(y, 'relu', `${path}.act${i}`);
  }
  const sum = net.add(y, shortcut(net, x, path, stride), `${path}.add`);
  return net.activation(sum, 'relu', `${path}.act${count}`);
}

function shortcut(
  net: TorchNetwork,
  x: SymbolicTensor,
  path: string,
  stride: number,
): SymbolicTensor {
  if (!net.state.hasModule(`${path}.downsample`)) {
    if (stride === 1) return x;
    throw net.state.mismatch(`"${path}" has no downsample`);
  }
  const norm = `${path}.downsample.`;
  if (net.state.has(`${path}.downsample.0.weight`))
    return net.batchNorm(net.conv(x, `${norm}0`, { stride }), `${norm}1`);
  const pooled = ceilAveragePool(x, stride, `${norm}0`);
  return net.batchNorm(net.conv(pooled, `${norm}1`), `${norm}2`);
}
