import type { LayerVariable } from '@tensorflow/tfjs-layers';
import type { ModelStep } from './model-steps.ts';

/** The cost of a kind of layer. */
interface LayerCost {
  /** Multiply-adds for one example. Absent: none that count. */
  multiplyAdds?: (step: ModelStep) => number;
  /** Numbers inside the layer that its gradient needs, for one example. Absent: none. */
  keptInside?: (step: ModelStep) => number;
  /** Which tensors its gradient needs. */
  keeps: 'nothing' | 'input' | 'output' | 'both';
  /** The output is the input with another shape, and takes no memory. */
  isView?: true;
}

/** Total size of all kernels of a layer; a separable convolution has two. */
function kernelSize({ layer }: ModelStep): number {
  const isKernel = ({ originalName }: LayerVariable): boolean =>
    /(^|\/|_)kernel$/.test(originalName);
  return layer.weights
    .filter(isKernel)
    .reduce((sum, { shape }) => sum + product(shape as number[]), 0);
}

/** Number of positions of a map, without channels. */
function positions({ layer }: ModelStep, shape: readonly number[]): number {
  const channelsFirst =
    (layer as unknown as { dataFormat?: string }).dataFormat === 'channelsFirst';
  return product(channelsFirst ? shape.slice(1) : shape.slice(0, -1));
}

/** Every kernel is applied once per position of the output; a dense layer has one position. */
const perOutput: LayerCost = {
  multiplyAdds: (step) => positions(step, step.outputs[0]!.shape) * kernelSize(step),
  keeps: 'input',
};
/** A transposed convolution applies its kernel at every position of the input. */
const perInput: LayerCost = {
  multiplyAdds: (step) => positions(step, step.inputs[0]!.shape) * kernelSize(step),
  keeps: 'input',
};

/**
 * Attention: the projections of each token, the similarities of all pairs of tokens, and the sums
 * that they weigh.
 */
const attention: LayerCost = {
  multiplyAdds: (step) => {
    const { query, key, value, output, pairs, keyWidth, valueWidth } = attentionSizes(step);
    const projected =
      (product(query) + product(key)) * keyWidth + (product(value) + product(output)) * valueWidth;
    return projected + pairs * (keyWidth + valueWidth);
  },
  // Queries, keys, values, the shares of all pairs in each head, and what they sum up.
  keptInside: (step) => {
    const { query, key, pairs, heads, keyWidth, valueWidth } = attentionSizes(step);
    return (query[0]! + key[0]!) * (keyWidth + valueWidth) + heads * pairs;
  },
  keeps: 'input',
};

/** Shapes [tokens, channels], and the numbers of a token's keys and values in all heads. */
function attentionSizes({ layer, inputs, outputs }: ModelStep): {
  query: readonly number[];
  key: readonly number[];
  value: readonly number[];
  output: readonly number[];
  pairs: number;
  heads: number;
  keyWidth: number;
  valueWidth: number;
} {
  const [query, value = query!, key = value] = inputs.map(({ shape }) => shape);
  const { numHeads, keyDim, valueDim } = layer.getConfig() as Record<string, number>;
  return {
    query: query!,
    key,
    value,
    output: outputs[0]!.shape,
    pairs: query![0]! * key[0]!,
    heads: numHeads!,
    keyWidth: numHeads! * keyDim!,
    valueWidth: numHeads! * valueDim!,
  };
}

const kinds: readonly (readonly [LayerCost, readonly string[]])[] = [
  [
    perOutput,
    [
      'Conv1D',
      'Conv2D',
      'Conv3D',
      'DepthwiseConv2D',
      'SeparableConv2D',
      'Dense',
      'KerasConv2D',
      'KerasDepthwiseConv2D',
    ],
  ],
  [attention, ['KerasMultiHeadAttention']],
  [perInput, ['Conv2DTranspose', 'Conv3DTranspose']],
  [
    { keeps: 'input' },
    [
      'BatchNormalization',
      'LayerNormalization',
      'LeakyReLU',
      'PReLU',
      'ELU',
      'ThresholdedReLU',
      'Multiply',
      'Maximum',
      'Minimum',
      'GlobalMaxPooling1D',
      'GlobalMaxPooling2D',
      'KerasReLU',
      'KerasELU',
      'KerasGlobalPooling',
      'KerasLayerScale',
    ],
  ],
  [{ keeps: 'output' }, ['Activation', 'ReLU', 'Softmax']],
  [{ keeps: 'both' }, ['MaxPooling1D', 'MaxPooling2D', 'MaxPooling3D', 'KerasSoftmax']],
  [
    { keeps: 'nothing' },
    [
      'InputLayer',
      'Add',
      'Average',
      'Concatenate',
      'ZeroPadding2D',
      'Cropping2D',
      'UpSampling2D',
      'Rescaling',
      'Resizing',
      'CenterCrop',
      'AveragePooling1D',
      'AveragePooling2D',
      'AveragePooling3D',
      'GlobalAveragePooling1D',
      'GlobalAveragePooling2D',
      'GaussianNoise',
      'Permute',
      'RepeatVector',
      'KerasUpSampling2D',
      'KerasResizing',
      'KerasCenterCrop',
      'KerasNormalization',
      'KerasReverseChannels',
      'TokenPooling',
      'ViTEmbeddings',
    ],
  ],
  // In training, a dropout's output and mask need their own memory.
  [{ keeps: 'both' }, ['Dropout', 'SpatialDropout1D', 'GaussianDropout', 'AlphaDropout']],
  [{ keeps: 'nothing', isView: true }, ['Flatten', 'Reshape']],
];
const costs = new Map(kinds.flatMap(([cost, names]) => names.map((name) => [name, cost] as const)));

/** The cost of a layer, or undefined for an unknown kind. */
export function layerCost({ layer }: ModelStep): LayerCost | undefined {
  const cost = costs.get(layer.getClassName());
  const { activation } = layer as unknown as { activation?: { getClassName(): string } | null };
  const name = activation?.getClassName() ?? 'linear';
  if (layer.getClassName() === 'Activation' && name === 'linear')
    return { keeps: 'nothing', isView: true };
  // The gradient of a built-in activation starts from the output.
  if (cost?.keeps === 'input' && name !== 'linear') return { ...cost, keeps: 'both' };
  return cost;
}

/** The product of a shape's sides, 1 for none. */
export function product(shape: readonly number[]): number {
  return shape.reduce((size, side) => size * side, 1);
}
