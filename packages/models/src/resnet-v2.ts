import { input, layers, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from './errors.ts';
import { seededGlorotUniform } from './initializers/seeded-glorot-uniform.ts';
import { registerReluGrad } from './kernels/relu-grad.ts';
import { batchNormalization } from './layers/batch-normalization.ts';

/** Options of the ResNetV2 models. */
export interface ResNetV2Options {
  /** Height, width and channels of the input; null leaves a side open. Default [null, null, 3]. Sides are at least 32. */
  inputShape?: [number | null, number | null, 3];
  /** Whether the model ends in average pooling and a dense classifier. Default true. */
  includeTop?: boolean;
  /** Number of classes of the classifier. Default 1000. */
  classes?: number;
  /** `softmax` (default) gives probabilities, `none` logits. */
  classifierActivation?: 'softmax' | 'none';
  /** Without top: global pooling of the last feature map to [b, 32 * width]. Left out: the map itself. */
  pooling?: 'avg' | 'max';
  /** Channels of the stem, 64 in the published models; all other widths scale with it. */
  width?: number;
  /** A first layer `rescaling` that computes x * scale + offset, e.g. 1/127.5 and -1 for pixels of 0..255. */
  rescaling?: { scale: number; offset: number };
  /** Seed of all initial weights, a safe integer. Default 0. */
  seed?: number;
  /** Name of the model. */
  name?: string;
}

/** Blocks of the four stacks conv2 to conv5. */
export type StackDepths = readonly [number, number, number, number];

const EPSILON = 1.001e-5;

/**
 * Builds a pre-activation residual network (He et al. 2016, "Identity Mappings in Deep Residual Networks") of bottleneck
 * blocks, with the layer names, order, shapes and initial distributions of `keras.applications.resnet_v2`.
 *
 * The last block of each stack but the last halves the resolution, not the first one of the next stack, as in Keras. A stack
 * of one block has its convolutional shortcut and its stride in that block (Keras has no such model).
 *
 * @throws FixresModelsError `bad-option`
 */
export function resNetV2(options: ResNetV2Options & { stackDepths: StackDepths }): LayersModel {
  const { stackDepths, ...rest } = options;
  const resolved = resolve(rest);
  checkDepths(stackDepths);
  registerReluGrad();
  const { width, seed } = resolved;
  const build = new ResNetV2Builder(seed);

  const image = input({ shape: resolved.inputShape, name: 'input_layer' });
  let x = image;
  if (resolved.rescaling !== undefined) {
    x = layers.rescaling({ ...resolved.rescaling, name: 'rescaling' }).apply(x) as SymbolicTensor;
  }
  x = build.pad(x, 3, 'conv1_pad');
  x = build.conv(x, 'conv1_conv', { filters: width, kernelSize: 7, strides: 2 });
  x = build.pad(x, 1, 'pool1_pad');
  x = layers.maxPooling2d({ poolSize: 3, strides: 2, name: 'pool1_pool' }).apply(x) as SymbolicTensor;
  stackDepths.forEach((depth, i) => {
    const stride = i === stackDepths.length - 1 ? 1 : 2;
    x = build.stack(x, { filters: width * 2 ** i, depth, stride, name: `conv${i + 2}` });
  });
  x = build.norm(x, 'post_bn');
  x = build.relu(x, 'post_relu');

  if (resolved.includeTop || resolved.pooling === 'avg') {
    x = layers.globalAveragePooling2d({ name: 'avg_pool' }).apply(x) as SymbolicTensor;
  } else if (resolved.pooling === 'max') {
    x = layers.globalMaxPooling2d({ name: 'max_pool' }).apply(x) as SymbolicTensor;
  }
  if (resolved.includeTop) {
    const predictions = layers.dense({
      units: resolved.classes,
      activation: resolved.classifierActivation === 'none' ? 'linear' : 'softmax',
      kernelInitializer: seededGlorotUniform(seed, 'predictions'),
      name: 'predictions',
    });
    x = predictions.apply(x) as SymbolicTensor;
  }
  return model({ inputs: image, outputs: x, name: resolved.name });
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

/** The small relative with one block a stack. */
export function resNet14V2(options: ResNetV2Options = {}): LayersModel {
  return resNetV2({ name: 'resnet14v2', ...options, stackDepths: [1, 1, 1, 1] });
}

/** The small relative with two blocks a stack. */
export function resNet26V2(options: ResNetV2Options = {}): LayersModel {
  return resNetV2({ name: 'resnet26v2', ...options, stackDepths: [2, 2, 2, 2] });
}

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

/** The pieces of the network. Holds what they share: the seed, and the count of layers that Keras names by number. */
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

  /** Padding is a layer of its own in Keras, and tfjs has no gradient for convolutions with explicit padding. */
  pad(x: SymbolicTensor, by: number, name: string): SymbolicTensor {
    return layers.zeroPadding2d({ padding: [[by, by], [by, by]], name }).apply(x) as SymbolicTensor;
  }

  stack(x: SymbolicTensor, { filters, depth, stride, name }: StackOptions): SymbolicTensor {
    let y = x;
    for (let i = 1; i <= depth; i++) {
      const block = { filters, stride: i === depth ? stride : 1, projection: i === 1, name: `${name}_block${i}` };
      y = this.block(y, block);
    }
    return y;
  }

  block(x: SymbolicTensor, { filters, stride, projection, name }: BlockOptions): SymbolicTensor {
    const preact = this.relu(this.norm(x, `${name}_preact_bn`), `${name}_preact_relu`);
    const shortcut = projection
      ? this.conv(preact, `${name}_0_conv`, { filters: 4 * filters, kernelSize: 1, strides: stride })
      : this.subsample(x, stride);
    let y = this.conv(preact, `${name}_1_conv`, { filters, kernelSize: 1, useBias: false });
    y = this.relu(this.norm(y, `${name}_1_bn`), `${name}_1_relu`);
    y = this.pad(y, 1, `${name}_2_pad`);
    y = this.conv(y, `${name}_2_conv`, { filters, kernelSize: 3, strides: stride, useBias: false });
    y = this.relu(this.norm(y, `${name}_2_bn`), `${name}_2_relu`);
    y = this.conv(y, `${name}_3_conv`, { filters: 4 * filters, kernelSize: 1 });
    return layers.add({ name: `${name}_out` }).apply([shortcut, y]) as SymbolicTensor;
  }

  /** Keras leaves these pools unnamed; in a fresh session they become max_pooling2d, max_pooling2d_1, ... */
  private subsample(x: SymbolicTensor, stride: number): SymbolicTensor {
    if (stride === 1) return x;
    const name = this.#pools === 0 ? 'max_pooling2d' : `max_pooling2d_${this.#pools}`;
    this.#pools += 1;
    return layers.maxPooling2d({ poolSize: 1, strides: stride, name }).apply(x) as SymbolicTensor;
  }
}

type ResolvedOptions = Required<Omit<ResNetV2Options, 'pooling' | 'rescaling'>> & Pick<ResNetV2Options, 'pooling' | 'rescaling'>;

function resolve(options: ResNetV2Options): ResolvedOptions {
  const resolved: ResolvedOptions = {
    inputShape: [null, null, 3],
    includeTop: true,
    classes: 1000,
    classifierActivation: 'softmax',
    width: 64,
    seed: 0,
    name: 'resnetv2',
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
  const { inputShape, classes, classifierActivation, pooling, width, rescaling, seed } = resolved;
  check(isInputShape(inputShape), 'inputShape', inputShape, '[height, width, 3] with sides of at least 32 or null');
  check(isPositiveInteger(classes), 'classes', classes, 'an integer of at least 1');
  check(['softmax', 'none'].includes(classifierActivation), 'classifierActivation', classifierActivation, "'softmax' or 'none'");
  check(pooling === undefined || ['avg', 'max'].includes(pooling), 'pooling', pooling, "'avg', 'max' or left out");
  check(pooling === undefined || !resolved.includeTop, 'pooling', pooling, 'left out, unless includeTop is false');
  check(isPositiveInteger(width), 'width', width, 'an integer of at least 1');
  check(
    rescaling === undefined || (Number.isFinite(rescaling.scale) && Number.isFinite(rescaling.offset)),
    'rescaling', rescaling, '{ scale, offset } with finite numbers',
  );
  check(Number.isSafeInteger(seed), 'seed', seed, 'a safe integer');
  return resolved;
}

function isInputShape(shape: unknown): boolean {
  if (!Array.isArray(shape) || shape.length !== 3) return false;
  const [height, width, channels] = shape as unknown[];
  return channels === 3 && [height, width].every((side) => side === null || (isPositiveInteger(side) && side >= 32));
}

function checkDepths(stackDepths: readonly number[]): void {
  const valid = Array.isArray(stackDepths) && stackDepths.length === 4 && stackDepths.every(isPositiveInteger);
  check(valid, 'stackDepths', stackDepths, 'four integers of at least 1');
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1;
}

function check(valid: boolean, option: string, received: unknown, allowed: string): void {
  if (valid) return;
  throw new FixresModelsError('bad-option', `Option ${option} is ${JSON.stringify(received)}; it must be ${allowed}.`);
}
