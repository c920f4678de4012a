import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as layersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { batchNormalization } from '../layers/batch-normalization.ts';
import { groupedConv2d } from '../layers/convolution/keras-conv-2d.ts';
import { multiHeadAttention } from '../layers/attention/keras-multi-head-attention.ts';
import { tokenPooling } from '../layers/attention/token-pooling.ts';
import { vitEmbeddings } from '../layers/attention/vit-embeddings.ts';
import { layerScale } from '../layers/keras-layer-scale.ts';
import { layerNormalization } from '../layers/layer-normalization.ts';
import type { SavedTensor } from './read-safetensors.ts';
import type { StateDict } from './state-dict.ts';

/** Names of tfjs's activations, or of our own in `layers/activation/keras-activations.ts`. */
export type Activation =
  | 'relu'
  | 'relu6'
  | 'swish'
  | 'hardSilu'
  | 'gelu'
  | 'sigmoid'
  | 'keras3HardSigmoid';

export interface ConvOptions {
  /** Default 1. */
  stride?: number;
  /**
   * - `torch` (default): (kernel - 1) / 2 pixels on all sides;
   * - `same`: as TensorFlow pads, so at stride 2 often only on the right and below;
   * - `none`.
   */
  padding?: 'torch' | 'same' | 'none';
}

/** Names below the path of an attention module. */
export interface AttentionNames {
  /** Parameter of queries, keys and values, one behind the other. */
  weight: string;
  bias: string;
  /** Module of the output. */
  output: string;
}

interface Assignment {
  layer: layers.Layer;
  arrays: { values: () => Float32Array; shape: readonly number[]; order?: readonly number[] }[];
}

const ZEROS = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;

/**
 * Builds a network with the numbers of PyTorch from a state dict. Each method adds one module: it
 * takes the module's tensors, checks their shapes against the map, and names the layer by the path
 * of the module. The layers get their weights when the whole network fits.
 */
export class TorchNetwork {
  readonly state: StateDict;
  readonly #assignments: Assignment[] = [];

  readonly #classifierActivation: 'softmax' | 'sigmoid';

  constructor(state: StateDict, classifierActivation: 'softmax' | 'sigmoid') {
    this.state = state;
    this.#classifierActivation = classifierActivation;
  }

  /** Images [b, size, size, 3]; null for any size. */
  input(size: number | null = null): SymbolicTensor {
    return input({ shape: [size, size, 3], name: 'input_layer' });
  }

  /**
   * `nn.Conv2d`: kernel [filters, channels / groups, height, width] and a bias if the file has one.
   */
  conv(x: SymbolicTensor, path: string, options: ConvOptions = {}): SymbolicTensor {
    const { stride = 1, padding = 'torch' } = options;
    const { state } = this;
    const channels = channelsOf(x);
    const kernel = state.take(`${path}.weight`, [null, null, null, null]);
    const [filters, perGroup, ...kernelSize] = kernel.shape as [number, number, number, number];
    const groups = channels / perGroup;
    if (!Number.isInteger(groups) || filters % groups !== 0)
      throw state.mismatch(
        `tensor "${path}.weight" is for ${perGroup} channels, but its input has ${channels}`,
      );
    if (padding === 'torch' && kernelSize.some((side) => side % 2 === 0))
      throw state.mismatch(`the kernel of "${path}" is ${kernelSize.join(' x ')}`);
    const bias = state.has(`${path}.bias`) ? state.take(`${path}.bias`, [filters]) : undefined;
    const args = { kernelSize, strides: stride, useBias: bias !== undefined, name: path, ...ZEROS };
    let y = x;
    if (padding === 'torch' && stride > 1 && kernelSize.some((side) => side > 1)) {
      const [height, width] = kernelSize.map((side) => (side - 1) / 2) as [number, number];
      y = this.zeroPad(x, [height, width], `${path}.pad`);
    }
    const isSame = padding === 'same' || (padding === 'torch' && stride === 1);
    const sides = { ...args, padding: isSame ? 'same' : 'valid' } as const;
    const isDepthwise = groups === channels && groups > 1 && filters === channels;
    const layer = isDepthwise
      ? layers.depthwiseConv2d({ ...sides, depthwiseInitializer: 'zeros' })
      : groups === 1
        ? layers.conv2d({ ...sides, filters })
        : groupedConv2d({ ...sides, filters, groups });
    const output = layer.apply(y) as SymbolicTensor;
    const order = isDepthwise ? [2, 3, 0, 1] : [2, 3, 1, 0];
    this.#assign(layer, { ...kernel, order }, ...(bias ? [bias] : []));
    return output;
  }

  /** `nn.BatchNorm2d` with its running statistics. Momentum 0.1 in PyTorch is 0.9 in Keras. */
  batchNorm(
    x: SymbolicTensor,
    path: string,
    { epsilon = 1e-5 }: { epsilon?: number } = {},
  ): SymbolicTensor {
    const arrays = this.#vectors(path, ['weight', 'bias', 'running_mean', 'running_var'], x);
    const layer = batchNormalization({ epsilon, momentum: 0.9, name: path });
    const output = layer.apply(x) as SymbolicTensor;
    this.#assign(layer, ...arrays);
    return output;
  }

  /** `nn.LayerNorm` over the channels. */
  layerNorm(x: SymbolicTensor, path: string, { epsilon }: { epsilon: number }): SymbolicTensor {
    const arrays = this.#vectors(path, ['weight', 'bias'], x);
    const layer = layerNormalization({ axis: -1, epsilon, name: path });
    const output = layer.apply(x) as SymbolicTensor;
    this.#assign(layer, ...arrays);
    return output;
  }

  /**
   * `nn.Linear` on the last axis. Its kernel can also be that of a convolution of one pixel, [units,
   * channels, 1, 1], which computes the same.
   */
  linear(
    x: SymbolicTensor,
    path: string,
    { activation = 'linear' }: { activation?: 'linear' | 'softmax' | 'sigmoid' } = {},
  ): SymbolicTensor {
    const { state } = this;
    const ones = state.shape(`${path}.weight`).length === 4 ? [1, 1] : [];
    const { shape, values } = state.take(`${path}.weight`, [null, channelsOf(x), ...ones]);
    const units = shape[0]!;
    const bias = state.has(`${path}.bias`) ? state.take(`${path}.bias`, [units]) : undefined;
    const layer = layers.dense({
      units,
      activation,
      useBias: bias !== undefined,
      name: path,
      ...ZEROS,
    });
    const output = layer.apply(x) as SymbolicTensor;
    this.#assign(
      layer,
      { values, shape: shape.slice(0, 2), order: [1, 0] },
      ...(bias ? [bias] : []),
    );
    return output;
  }

  /** A factor for each channel: a parameter [channels], or with the sides [1, 1] behind. */
  scale(x: SymbolicTensor, name: string, path: string): SymbolicTensor {
    const channels = channelsOf(x);
    const ones = this.state.shape(name).length === 3 ? [1, 1] : [];
    const { values } = this.state.take(name, [channels, ...ones]);
    const layer = layerScale({ initValues: 1, projectionDim: channels, name: path });
    const output = layer.apply(x) as SymbolicTensor;
    this.#assign(layer, { values, shape: [channels] });
    return output;
  }

  /**
   * Multi-head attention of tokens [b, n, channels] with themselves, of timm or
   * `nn.MultiheadAttention`.
   */
  attention(
    x: SymbolicTensor,
    path: string,
    { heads, names }: { heads: number; names: AttentionNames },
  ): SymbolicTensor {
    const { state } = this;
    const channels = channelsOf(x);
    if (channels % heads !== 0)
      throw state.mismatch(
        `"${path}" has ${channels} channels, which ${heads} heads do not divide`,
      );
    const keyDim = channels / heads;
    const weight = state.take(`${path}.${names.weight}`, [3 * channels, channels]);
    const bias = state.take(`${path}.${names.bias}`, [3 * channels]);
    const kernel = state.take(`${path}.${names.output}.weight`, [channels, channels]);
    const layer = multiHeadAttention({ numHeads: heads, keyDim, name: path });
    const output = layer.apply(x) as SymbolicTensor;
    const third =
      ({ values }: SavedTensor, i: number) =>
      (): Float32Array => {
        const all = values();
        return all.subarray((i * all.length) / 3, ((i + 1) * all.length) / 3);
      };
    this.#assign(
      layer,
      ...[0, 1, 2].flatMap((i) => [
        { values: third(weight, i), shape: [heads, keyDim, channels], order: [2, 0, 1] },
        { values: third(bias, i), shape: [heads, keyDim] },
      ]),
      { values: kernel.values, shape: [channels, heads, keyDim], order: [1, 2, 0] },
      state.take(`${path}.${names.output}.bias`, [channels]),
    );
    return output;
  }

  /**
   * Makes a map of patches [b, rows, columns, channels] a sequence with prefix tokens and positions.
   *
   * @param path parameter of the position embeddings of a square grid, with or without the prefix
   * @param prefix parameters of prefix tokens, those that the file has
   * @param patchSize in pixels
   */
  vitEmbeddings(
    x: SymbolicTensor,
    path: string,
    prefix: readonly string[],
    patchSize: number,
  ): { x: SymbolicTensor; prefixTokens: number; gridSize: number; embedsPrefix: boolean } {
    const { state } = this;
    const channels = channelsOf(x);
    const tokens = prefix
      .filter((name) => state.has(name))
      .map((name) => state.take(name, [1, null, channels]));
    const prefixTokens = tokens.reduce((sum, { shape }) => sum + shape[1]!, 0);
    const positions = state.take(path, [1, null, channels]);
    const length = positions.shape[1]!;
    const embedsPrefix = !Number.isInteger(Math.sqrt(length));
    const gridSize = Math.sqrt(length - (embedsPrefix ? prefixTokens : 0));
    if (!Number.isInteger(gridSize))
      throw state.mismatch(
        `tensor "${path}" has ${length} positions, which are not those of a square grid`,
      );
    const layer = vitEmbeddings({ gridSize, patchSize, prefixTokens, embedsPrefix, name: path });
    const output = layer.apply(x) as SymbolicTensor;
    const joined = (): Float32Array =>
      Float32Array.from(tokens.flatMap(({ values }) => [...values()]));
    this.#assign(
      layer,
      ...(prefixTokens > 0 ? [{ values: joined, shape: [prefixTokens, channels] }] : []),
      { values: positions.values, shape: [length, channels] },
    );
    return { x: output, prefixTokens, gridSize, embedsPrefix };
  }

  /** The class token, or the mean of the patches: [b, n, channels] to [b, channels]. */
  tokenPooling(
    x: SymbolicTensor,
    pooling: 'token' | 'average',
    prefixTokens: number,
  ): SymbolicTensor {
    return tokenPooling({ pooling, prefixTokens, name: 'global_pool' }).apply(x) as SymbolicTensor;
  }

  activation(x: SymbolicTensor, activation: Activation, name: string): SymbolicTensor {
    return layers.activation({ activation: activation as 'relu', name }).apply(x) as SymbolicTensor;
  }

  add(x: SymbolicTensor, y: SymbolicTensor, name: string): SymbolicTensor {
    if (x.shape.at(-1) !== y.shape.at(-1))
      throw this.state.mismatch(
        `"${name}" would add maps of ${channelsOf(x)} and ${channelsOf(y)} channels`,
      );
    return layers.add({ name }).apply([x, y]) as SymbolicTensor;
  }

  /** Products of a map [b, h, w, channels] and factors [b, 1, 1, channels]. */
  multiply(x: SymbolicTensor, factors: SymbolicTensor, name: string): SymbolicTensor {
    if (x.shape.at(-1) !== factors.shape.at(-1))
      throw this.state.mismatch(
        `"${name}" would multiply ${channelsOf(x)} and ${channelsOf(factors)} channels`,
      );
    return layers.multiply({ name }).apply([x, factors]) as SymbolicTensor;
  }

  /** Zeros above and below, and left and right. */
  zeroPad(
    x: SymbolicTensor,
    [height, width]: readonly [number, number],
    name: string,
  ): SymbolicTensor {
    const padding: [[number, number], [number, number]] = [
      [height, height],
      [width, width],
    ];
    return layers.zeroPadding2d({ padding, name }).apply(x) as SymbolicTensor;
  }

  /** The mean of each channel. */
  globalPool(x: SymbolicTensor): SymbolicTensor {
    return layers.globalAveragePooling2d({ name: 'global_pool' }).apply(x) as SymbolicTensor;
  }

  /** The classifier with its activation; none if it `isOptional` and the file has none. */
  classify(features: SymbolicTensor, path: string, isOptional: boolean): SymbolicTensor {
    if (isOptional && !this.state.hasModule(path)) return features;
    return this.linear(features, path, { activation: this.#classifierActivation });
  }

  /**
   * The model with its weights.
   *
   * @returns the caller disposes it
   * @throws FixresModelsError `weights-mismatch` if a tensor of the file is left
   */
  model(name: string, inputs: SymbolicTensor, outputs: SymbolicTensor): LayersModel {
    this.state.requireAllTaken();
    // Decodes one layer after another, so at most one layer's numbers are in memory twice.
    for (const { layer, arrays } of this.#assignments) {
      tf.tidy(() =>
        layer.setWeights(
          arrays.map(({ values, shape, order }) => {
            const tensor = tf.tensor(values(), [...shape]);
            return order ? tf.transpose(tensor, [...order]) : tensor;
          }),
        ),
      );
    }
    return layersModel({ name, inputs, outputs });
  }

  /** Disposes the layers of a network that does not fit. */
  dispose(): void {
    for (const { layer } of this.#assignments) layer.dispose();
  }

  /** Tensors of a module with one number per channel. */
  #vectors(path: string, names: readonly string[], x: SymbolicTensor): SavedTensor[] {
    return names.map((name) => this.state.take(`${path}.${name}`, [channelsOf(x)]));
  }

  #assign(layer: layers.Layer, ...arrays: Assignment['arrays']): void {
    this.#assignments.push({ layer, arrays });
  }
}

function channelsOf(x: SymbolicTensor): number {
  return x.shape.at(-1)!;
}
