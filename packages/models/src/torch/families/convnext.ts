import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { BuiltNetwork, TorchBuildOptions, TorchFamily } from '../torch-family.ts';
import type { TorchNetwork } from '../torch-network.ts';

/** Paths of the modules of a block. */
interface BlockNames {
  depthwise: string;
  norm: string;
  expand: string;
  project: string;
  /** The parameter of the layer scale. */
  scale: string;
}

/** Paths of the modules in one of the libraries. */
interface Names {
  stem: readonly [conv: string, norm: string];
  stage: (i: number) => string;
  downsample: (i: number) => readonly [norm: string, conv: string];
  block: BlockNames;
  head: readonly [norm: string, classifier: string];
}

const timm: Names = {
  stem: ['stem.0', 'stem.1'],
  stage: (i) => `stages.${i}.blocks`,
  downsample: (i) => [`stages.${i}.downsample.0`, `stages.${i}.downsample.1`],
  block: {
    depthwise: 'conv_dw',
    norm: 'norm',
    expand: 'mlp.fc1',
    project: 'mlp.fc2',
    scale: 'gamma',
  },
  head: ['head.norm', 'head.fc'],
};

const torchvision: Names = {
  stem: ['features.0.0', 'features.0.1'],
  stage: (i) => `features.${2 * i + 1}`,
  downsample: (i) => [`features.${2 * i}.0`, `features.${2 * i}.1`],
  block: {
    depthwise: 'block.0',
    norm: 'block.2',
    expand: 'block.3',
    project: 'block.5',
    scale: 'layer_scale',
  },
  head: ['classifier.0', 'classifier.2'],
};

/** Blocks of the four stages and channels of the stem, by the names of both libraries. */
const published: Readonly<Record<string, string>> = {
  '2,2,6,2 of 40': 'convnext_atto',
  '2,2,6,2 of 48': 'convnext_femto',
  '2,2,6,2 of 64': 'convnext_pico',
  '2,2,8,2 of 80': 'convnext_nano',
  '3,3,9,3 of 96': 'convnext_tiny',
  '3,3,27,3 of 96': 'convnext_small',
  '3,3,27,3 of 128': 'convnext_base',
  '3,3,27,3 of 192': 'convnext_large',
  '3,3,27,3 of 256': 'convnext_xlarge',
  '3,4,30,3 of 384': 'convnext_xxlarge',
};

function family(marker: string, names: Names): TorchFamily {
  return {
    name: 'ConvNeXt',
    marker,
    supports: /^convnext_(?:atto|femto|pico|nano|tiny|small|base|large|x{1,2}large)$/,
    examples: 'convnext_atto, femto, pico, nano, tiny, small, base, large, xlarge and xxlarge',
    build: (net, options) => build(net, names, options),
  };
}

/**
 * ConvNeXt (Liu et al. 2022) in timm's names; without the response normalisation of its second
 * version.
 */
export const convNextFamily: TorchFamily = family('stages.0.blocks.0.conv_dw.weight', timm);

/** ConvNeXt in torchvision's names. */
export const torchvisionConvNextFamily: TorchFamily = family(
  'features.1.0.layer_scale',
  torchvision,
);

function build(
  net: TorchNetwork,
  { stem, stage, downsample, block: blockNames, head }: Names,
  { architecture, headIsOptional }: TorchBuildOptions,
): BuiltNetwork {
  const { state } = net;
  const depths = [0, 1, 2, 3].map((i) => state.count(stage(i)));
  // Patches do not overlap, so the side of the kernel is the stride.
  const [width, , patch] = state.shape(`${stem[0]}.weight`) as [number, number, number];
  const found = published[`${depths.join(',')} of ${width}`] ?? 'convnext';
  const options = { epsilon: (architecture ?? found) === 'convnext_xxlarge' ? 1e-5 : 1e-6 };
  const image = net.input();
  let x = net.conv(image, stem[0], { stride: patch, padding: 'none' });
  x = net.layerNorm(x, stem[1], options);
  for (const [i, depth] of depths.entries()) {
    if (i > 0) {
      const [norm, conv] = downsample(i);
      x = net.conv(net.layerNorm(x, norm, options), conv, { stride: 2, padding: 'none' });
    }
    for (let j = 0; j < depth; j++) x = block(net, x, `${stage(i)}.${j}`, blockNames, options);
  }
  const features = net.layerNorm(net.globalPool(x), head[0], options);
  const output = net.classify(features, head[1], headIsOptional);
  return { image, output, architecture: found };
}

function block(
  net: TorchNetwork,
  x: SymbolicTensor,
  path: string,
  names: BlockNames,
  options: { epsilon: number },
): SymbolicTensor {
  let y = net.conv(x, `${path}.${names.depthwise}`);
  y = net.layerNorm(y, `${path}.${names.norm}`, options);
  y = net.activation(net.linear(y, `${path}.${names.expand}`), 'gelu', `${path}.act`);
  y = net.linear(y, `${path}.${names.project}`);
  const scale = `${path}.${names.scale}`;
  // timm leaves the layer scale out if its initial value is 0.
  if (net.state.has(scale)) y = net.scale(y, scale, scale);
  return net.add(x, y, `${path}.add`);
}
