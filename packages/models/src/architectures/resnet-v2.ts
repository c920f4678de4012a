import { layers, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { checkOption } from '../check-option.ts';
import { seededGlorotUniform } from '../initializers/seeded-glorot-uniform.ts';
import { registerReluGrad } from '../kernels/relu-grad.ts';
import { batchNormalization } from '../layers/batch-normalization.ts';
import { widthRange } from '../model-names.ts';
import type { Architecture } from './architecture.ts';
import {
  type ArchitectureOptions,
  isPositiveInteger,
  resolveArchitectureOptions,
} from './architecture-options.ts';
import { classifierHead, imageInput, rescaled } from './input-and-head.ts';

/** Options of the ResNetV2 models. */
export interface ResNetV2Options extends ArchitectureOptions {
  /** Channels of the stem, 64 in the published models; all other widths scale with it. */
  width?: number;
}

/** Blocks of the four stacks conv2 to conv5. */
export type StackDepths = readonly [number, number, number, number];

const EPSILON = 1.001e-5;

/**
 * Builds a pre-activation residual network (He et al. 2016, "Identity Mappings in Deep Residual
 * Networks") of bottleneck blocks, with the layer names, order, shapes and initial distributions of
 * `keras.applications.resnet_v2`.
 *
 * As in Keras, the resolution is halved by the last block of each stack except the last, not by the
 * first block of the next stack. In a stack of one block, that block has both the convolutional
 * shortcut and the stride (Keras has no such model).
 *
 * @throws FixresModelsError `bad-option`
 */
export function resNetV2(options: ResNetV2Options & { stackDepths: StackDepths }): LayersModel {
  const { stackDepths, width = 64, ...rest } = options;
  const resolved = resolveArchitectureOptions(rest);
  checkOption(
    isPositiveInteger(width) && width <= widthRange.high,
    'width',
    width,
    `an integer from 1 to ${widthRange.high}`,
  );
  checkDepths(stackDepths);
  registerReluGrad();
  const build = new ResNetV2Builder(resolved.seed);

  const image = imageInput(resolved);
  let x = rescaled(image, resolved);
  x = build.pad(x, 3, 'conv1_pad');
  x = build.conv(x, 'conv1_conv', { filters: width, kernelSize: 7, strides: 2 });
  x = build.pad(x, 1, 'pool1_pad');
  x = layers
    .maxPooling2d({ poolSize: 3, strides: 2, name: 'pool1_pool' })
    .apply(x) as SymbolicTensor;
  stackDepths.forEach((depth, i) => {
    const stride = i === stackDepths.length - 1 ? 1 : 2;
    x = build.stack(x, { filters: width * 2 ** i, depth, stride, name: `conv${i + 2}` });
  });
  x = build.norm(x, 'post_bn');
  x = build.relu(x, 'post_relu');

  x = classifierHead(x, resolved, { avg: 'avg_pool', max: 'max_pool' });
  return model({ inputs: image, outputs: x, name: resolved.name ?? 'resnetv2' });
}

/** ResNet50V2 as in Keras: 23,564,800 parameters without top. */
export function resNet50V2(options: ResNetV2Options = {}): LayersModel {
  return resNetV2({ name: 'resnet50v2', ...options, stackDepths: [3, 4, 6, 3] });
}

/** ResNet101V2 as in Keras: 42,626,560 parameters without top. */
export function resNet101V2(options: ResNetV2Options = {}): LayersModel {
  return resNetV2({ name: 'resnet101v2', ...options, stackDepths: [3, 4, 23, 3] });
}

/** ResNet152V2 as in Keras: 58,331,648 parameters without top. */
export function resNet152V2(options: ResNetV2Options = {}): LayersModel {
  return resNetV2({ name: 'resnet152v2', ...options, stackDepths: [3, 8, 36, 3] });
}

/** The small variant with one block per stack. */
export function resNet14V2(options: ResNetV2Options = {}): LayersModel {
  return resNetV2({ name: 'resnet14v2', ...options, stackDepths: [1, 1, 1, 1] });
}

/** The small variant with two blocks per stack. */
export function resNet26V2(options: ResNetV2Options = {}): LayersModel {
  return resNetV2({ name: 'resnet26v2', ...options, stackDepths: [2, 2, 2, 2] });
}

/** The models by name, and their groups of layers. */
export const resNetV2Architecture: Architecture = {
  name: 'ResNetV2',
  models: {
    resnet14v2: resNet14V2,
    resnet26v2: resNet26V2,
    resnet50v2: resNet50V2,
    resnet101v2: resNet101V2,
    resnet152v2: resNet152V2,
  },
  marker: 'conv2_block1_preact_bn',
  groups: [
    { name: 'stem', pattern: /^(?:input|rescaling|conv1_|pool1_)/ },
    { name: 'conv2', pattern: /^(conv2_block\d+)_/ },
    { name: 'conv3', pattern: /^(conv3_block\d+)_/ },
    { name: 'conv4', pattern: /^(conv4_block\d+)_/ },
    { name: 'conv5', pattern: /^(conv5_block\d+)_/ },
    { name: 'final-norm', pattern: /^post_/ },
    { name: 'classifier', pattern: /^(?:avg_pool|max_pool|predictions)$/ },
  ],
};

interface ConvOptions {
  filters: number;
  kernelSize: number;
  strides?: number;
  useBias?: boolean;
}

interface StackOptions {
  filters: number;
  depth: number;
  stride: number;
  name: string;
}

interface BlockOptions {
  filters: number;
  stride: number;
  projection: boolean;
  name: string;
}

/**
 * Builds the parts of the network. Contains what they share: the seed, and the count of layers that
 * Keras names by number.
 */
class ResNetV2Builder {
  readonly #seed: number;
  #pools = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  conv(x: SymbolicTensor, name: string, options: ConvOptions): SymbolicTensor {
    const kernelInitializer = seededGlorotUniform(this.#seed, name);
    return layers.conv2d({ ...options, kernelInitializer, name }).apply(x) as SymbolicTensor;
  }

  norm(x: SymbolicTensor, name: string): SymbolicTensor {
    return batchNormalization({ axis: 3, epsilon: EPSILON, name }).apply(x) as SymbolicTensor;
  }

  relu(x: SymbolicTensor, name: string): SymbolicTensor {
    return layers.activation({ activation: 'relu', name }).apply(x) as SymbolicTensor;
  }

  /**
   * Padding is a separate layer in Keras, and tfjs has no gradient for convolutions with explicit
   * padding.
   */
  pad(x: SymbolicTensor, by: number, name: string): SymbolicTensor {
    return layers
      .zeroPadding2d({
        padding: [
          [by, by],
          [by, by],
        ],
        name,
      })
      .apply(x) as SymbolicTensor;
  }

  stack(x: SymbolicTensor, { filters, depth, stride, name }: StackOptions): SymbolicTensor {
    let y = x;
    for (let i = 1; i <= depth; i++) {
      const block = {
        filters,
        stride: i === depth ? stride : 1,
        projection: i === 1,
        name: `${name}_block${i}`,
      };
      y = this.block(y, block);
    }
    return y;
  }

  block(x: SymbolicTensor, { filters, stride, projection, name }: BlockOptions): SymbolicTensor {
    const preact = this.relu(this.norm(x, `${name}_preact_bn`), `${name}_preact_relu`);
    const shortcut = projection
      ? this.conv(preact, `${name}_0_conv`, {
          filters: 4 * filters,
          kernelSize: 1,
          strides: stride,
        })
      : this.subsample(x, stride);
    let y = this.conv(preact, `${name}_1_conv`, { filters, kernelSize: 1, useBias: false });
    y = this.relu(this.norm(y, `${name}_1_bn`), `${name}_1_relu`);
    y = this.pad(y, 1, `${name}_2_pad`);
    y = this.conv(y, `${name}_2_conv`, { filters, kernelSize: 3, strides: stride, useBias: false });
    y = this.relu(this.norm(y, `${name}_2_bn`), `${name}_2_relu`);
    y = this.conv(y, `${name}_3_conv`, { filters: 4 * filters, kernelSize: 1 });
    return layers.add({ name: `${name}_out` }).apply([shortcut, y]) as SymbolicTensor;
  }

  /**
   * Keras does not name these pools; in a fresh session they become max_pooling2d, max_pooling2d_1,
   * ...
   */
  private subsample(x: SymbolicTensor, stride: number): SymbolicTensor {
    if (stride === 1) return x;
    const name = this.#pools === 0 ? 'max_pooling2d' : `max_pooling2d_${this.#pools}`;
    this.#pools += 1;
    return layers.maxPooling2d({ poolSize: 1, strides: stride, name }).apply(x) as SymbolicTensor;
  }
}

function checkDepths(stackDepths: readonly number[]): void {
  const valid =
    Array.isArray(stackDepths) && stackDepths.length === 4 && stackDepths.every(isPositiveInteger);
  checkOption(valid, 'stackDepths', stackDepths, 'four integers of at least 1');
}
