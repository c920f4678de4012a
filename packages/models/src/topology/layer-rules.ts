import type { JsonValue } from '../card/json-value.ts';
import type { LayerCall } from '../keras-config/layer-call.ts';
import { attentionInputs } from './attention-inputs.ts';
import type { KerasVersion } from './keras-version.ts';
import { quoted } from './unsupported-layer.ts';

type JsonObject = Readonly<Record<string, JsonValue>>;

/** A layer in the form that tfjs reads. */
interface TfjsLayer {
  className: string;
  config: JsonObject;
}

/** Information about a layer besides its settings. */
interface LayerContext {
  keras: KerasVersion;
  /** Number of axes of its input, including the batch; undefined if the file does not state it. */
  rank: number | undefined;
  /** Converts a nested layer to tfjs's form. */
  inner: (layer: JsonValue) => JsonValue;
}

/** How to convert a class of layers. */
export interface LayerRule {
  /** Settings with the same name and meaning in tfjs and Keras. */
  reads?: readonly string[];
  /** Whether all settings are accepted, because none of them affects predictions. */
  readsAnything?: boolean;
  /**
   * Settings of which only some values are supported; all others are rejected. The first value is
   * the default.
   */
  only?: Readonly<Record<string, readonly JsonValue[]>>;
  /**
   * Converts the layer to tfjs if `reads` is not enough. Returns a text if it is rejected: "has
   * ..., but ...".
   */
  convert?: (config: JsonObject, context: LayerContext) => TfjsLayer | string;
  /**
   * The tensors that the layer takes in tfjs, if a call in Keras is more than a list of tensors.
   * Returns a text if the call is rejected: "is called with ...".
   */
  tensors?: (call: LayerCall) => LayerCall['tensors'] | string;
  /** Why the class is not supported at all. */
  refused?: string;
}

const LAST = ['channels_last'];
const CONVOLUTION = ['filters', 'kernel_size', 'strides', 'padding', 'activation', 'use_bias'];
const ONE = [1, [1], [1, 1], [1, 1, 1]];
const OFF = [false];
const NONE = [null];
const sized = ['height', 'width'];
/** Has an effect in training only. */
const noise: LayerRule = { reads: ['rate', 'stddev', 'seed', 'noise_shape'] };
const merge: LayerRule = { reads: [] };
const pool1d: LayerRule = {
  reads: ['pool_size', 'strides', 'padding'],
  only: { data_format: LAST },
};
const pool: LayerRule = { reads: ['pool_size', 'strides', 'padding', 'data_format'] };
const recurrent = [
  'return_sequences',
  'return_state',
  'go_backwards',
  'unroll',
  'implementation',
  'seed',
  'dropout',
  'recurrent_dropout',
  'unit_forget_bias',
  'zero_output_for_mask',
];
/** State that lasts from batch to batch differs in tfjs. */
const recurrentOnly = { stateful: OFF, time_major: OFF };
const cell = [
  'units',
  'activation',
  'use_bias',
  'dropout',
  'recurrent_dropout',
  'seed',
  'implementation',
  'unit_forget_bias',
  'recurrent_activation',
];
const gru = { reset_after: OFF };
const masks =
  'tells the following layers which steps to leave out, which tfjs does not pass on like ' +
  'Keras';

/** What tf_keras writes of the tensors that an attention was built for. */
const ATTENTION_SHAPES = ['query_shape', 'key_shape', 'value_shape'];

const wrongOnWasm = 'is not supported: tfjs computes other numbers on wasm';

/**
 * By Keras class. Settings that all layers have (names, shapes, types, initializers, ...) are not
 * listed.
 */
const layerRules: Readonly<Record<string, LayerRule>> = {
  InputLayer: { reads: [], only: { sparse: OFF, ragged: OFF, optional: OFF } },

  Activation: { reads: ['activation'] },
  ReLU: { reads: ['max_value', 'negative_slope', 'threshold'], convert: relu },
  LeakyReLU: {
    convert: ({ negative_slope: slope, alpha }) => ({
      className: 'LeakyReLU',
      config: { alpha: slope ?? alpha ?? 0.3 },
    }),
    reads: ['negative_slope', 'alpha'],
  },
  PReLU: { reads: ['shared_axes'] },
  ELU: {
    reads: ['alpha'],
    convert: ({ alpha = 1 }) => ({
      className: alpha === 1 ? 'ELU' : 'KerasELU',
      config: { alpha },
    }),
  },
  ThresholdedReLU: { reads: ['theta'] },
  Softmax: { reads: ['axis'], convert: softmax },

  Dense: { reads: ['units', 'activation', 'use_bias'] },
  Conv1D: {
    reads: CONVOLUTION.concat('dilation_rate'),
    only: { data_format: LAST, groups: [1], padding: ['valid', 'same'] },
    convert: withoutGaps(stock('Conv1D')),
  },
  Conv2D: {
    reads: CONVOLUTION.concat('dilation_rate', 'data_format', 'groups'),
    convert: withoutGaps(groupedConvolution),
  },
  Conv3D: {
    reads: CONVOLUTION.concat('dilation_rate', 'data_format'),
    only: { groups: [1] },
    convert: withoutGaps(stock('Conv3D')),
  },
  Conv2DTranspose: {
    reads: CONVOLUTION.concat('data_format'),
    only: { groups: [1], dilation_rate: ONE, output_padding: NONE },
  },
  Conv3DTranspose: { refused: wrongOnWasm },
  SeparableConv2D: {
    reads: CONVOLUTION.concat('dilation_rate', 'depth_multiplier'),
    only: { data_format: LAST, groups: [1] },
    convert: withoutGaps(stock('SeparableConv2D')),
  },
  DepthwiseConv2D: {
    reads: [
      'kernel_size',
      'strides',
      'padding',
      'activation',
      'use_bias',
      'dilation_rate',
      'data_format',
      'depth_multiplier',
    ],
    only: { groups: [1] },
    convert: withoutGaps(depthwiseConvolution),
  },

  MaxPooling1D: pool1d,
  AveragePooling1D: pool1d,
  MaxPooling2D: pool,
  AveragePooling2D: pool,
  MaxPooling3D: { refused: wrongOnWasm },
  AveragePooling3D: { ...pool, convert: withoutGaps(stock('AveragePooling3D')) },
  GlobalAveragePooling1D: globalPooling('GlobalAveragePooling1D', 'average'),
  GlobalMaxPooling1D: globalPooling('GlobalMaxPooling1D', 'max'),
  GlobalAveragePooling2D: globalPooling('GlobalAveragePooling2D', 'average'),
  GlobalMaxPooling2D: globalPooling('GlobalMaxPooling2D', 'max'),

  BatchNormalization: {
    reads: ['axis', 'momentum', 'epsilon', 'center', 'scale', 'synchronized', 'renorm_momentum'],
    only: { renorm: OFF },
  },
  // Of keras.applications.convnext.
  LayerScale: {
    reads: ['init_values', 'projection_dim'],
    convert: (config) => ({ className: 'KerasLayerScale', config }),
  },
  // Only as our exports write a LayerScale.
  EinsumDense: {
    reads: ['output_shape'],
    only: { equation: ['...c,c->...c'], activation: ['linear'], bias_axes: NONE },
    convert: ({
      output_shape: shape,
      equation: _equation,
      activation: _activation,
      bias_axes: _bias,
      ...config
    }) => ({
      className: 'KerasLayerScale',
      config: { ...config, init_values: 1, projection_dim: [shape!].flat()[0]! },
    }),
  },
  LayerNormalization: { reads: ['axis', 'epsilon', 'center', 'scale'], only: { rms_scaling: OFF } },

  MultiHeadAttention: {
    reads: [
      'num_heads',
      'key_dim',
      'value_dim',
      'use_bias',
      'output_shape',
      'dropout',
      'seed',
      'flash_attention',
      'softmax_robust_masking',
      ...ATTENTION_SHAPES,
    ],
    // Keras writes the axes of a sequence, [1], for the default.
    only: { attention_axes: [null, [1]], use_gate: OFF, sliding_window: NONE },
    convert: multiHeadAttention,
    tensors: attentionInputs,
  },

  Add: merge,
  Multiply: merge,
  Average: merge,
  Maximum: merge,
  Minimum: merge,
  Concatenate: { reads: ['axis'] },
  Dot: { reads: ['axes', 'normalize'] },

  Flatten: { reads: ['data_format'] },
  Reshape: { reads: ['target_shape'] },
  Permute: { reads: ['dims'] },
  RepeatVector: { reads: ['n'] },
  ZeroPadding2D: { reads: ['padding', 'data_format'] },
  Cropping2D: { reads: ['cropping', 'data_format'] },
  UpSampling2D: {
    reads: ['size', 'data_format'],
    only: { interpolation: ['nearest', 'bilinear'] },
    convert: upSampling,
  },

  Rescaling: { reads: ['scale', 'offset'] },
  Normalization: {
    reads: ['axis', 'mean', 'variance', 'invert'],
    convert: (config) => ({ className: 'KerasNormalization', config }),
  },
  Resizing: {
    reads: [...sized, 'fill_mode', 'fill_value'],
    only: {
      interpolation: ['bilinear', 'nearest'],
      crop_to_aspect_ratio: [false, true],
      pad_to_aspect_ratio: OFF,
      antialias: OFF,
      data_format: LAST,
    },
    convert: ({
      height,
      width,
      interpolation = 'bilinear',
      crop_to_aspect_ratio: crop = false,
    }) => ({
      className: 'KerasResizing',
      config: { height: height!, width: width!, interpolation, crop_to_aspect_ratio: crop },
    }),
  },
  CenterCrop: {
    reads: sized,
    only: { data_format: LAST },
    convert: ({ height, width }) => ({
      className: 'KerasCenterCrop',
      config: { height: height!, width: width! },
    }),
  },
  CategoryEncoding: { refused: 'is not supported: tfjs misreads the shape of its input' },

  // Of keras.applications.convnext. In training it drops whole examples, as Dropout does with this
  // shape.
  StochasticDepth: {
    reads: ['drop_path_rate'],
    convert: ({ drop_path_rate: rate }) => ({
      className: 'Dropout',
      config: { rate: rate!, seed: null, noise_shape: [null, 1, 1, 1] },
    }),
  },
  Dropout: noise,
  SpatialDropout2D: {
    reads: ['rate', 'seed'],
    only: { data_format: LAST, noise_shape: NONE },
    convert: ({ rate, seed }) => ({
      className: 'Dropout',
      config: { rate: rate!, seed: seed ?? null, noise_shape: [null, 1, 1, null] },
    }),
  },
  SpatialDropout1D: { reads: ['rate', 'seed'], only: { noise_shape: NONE } },
  GaussianNoise: noise,
  GaussianDropout: noise,
  AlphaDropout: noise,
  Identity: { reads: [], convert: identity },

  Masking: { refused: `is not supported: it ${masks}` },
  Embedding: {
    reads: ['input_dim', 'output_dim', 'input_length'],
    only: { mask_zero: OFF, sparse: OFF },
  },
  SimpleRNN: { reads: [...cell, ...recurrent], only: recurrentOnly },
  GRU: { reads: [...cell, ...recurrent], only: { ...recurrentOnly, ...gru } },
  LSTM: { reads: [...cell, ...recurrent], only: recurrentOnly },
  ConvLSTM2D: {
    reads: [...CONVOLUTION, ...recurrent, 'recurrent_activation', 'dilation_rate'],
    only: { ...recurrentOnly, data_format: LAST },
  },
  SimpleRNNCell: { reads: cell },
  GRUCell: { reads: cell, only: gru },
  LSTMCell: { reads: cell },
  ConvLSTM2DCell: { refused: 'is not supported: Keras has no class of this name' },
  StackedRNNCells: { refused: 'is not supported: tfjs cannot create it from a file' },
  RNN: {
    reads: [...recurrent, 'cell'],
    only: recurrentOnly,
    convert: ({ cell: inside, ...config }, { inner }) => ({
      className: 'RNN',
      config: { ...config, cell: inner(inside!) },
    }),
  },
  TimeDistributed: {
    reads: ['layer'],
    convert: ({ layer, ...config }, { inner }) => ({
      className: 'TimeDistributed',
      config: { ...config, layer: inner(layer!) },
    }),
  },
  Bidirectional: {
    reads: ['layer', 'backward_layer'],
    only: { merge_mode: ['concat', 'sum', 'mul', 'ave'] },
    convert: bidirectional,
  },
};

/** The layer that outputs its input. */
function identity(): TfjsLayer {
  return { className: 'Activation', config: { activation: 'linear' } };
}

/**
 * The augmentation layers of Keras 3.15 and tf_keras 2.21, and `ActivityRegularization`. Images are
 * augmented by train policies here, and in prediction these layers output their input. `RandomCrop`
 * is not included, because it crops then, too.
 */
const ONLY_IN_TRAINING: ReadonlySet<string> = new Set([
  'AugMix',
  'AutoContrast',
  'CutMix',
  'MixUp',
  'RandAugment',
  'RandomBrightness',
  'RandomColorDegeneration',
  'RandomColorJitter',
  'RandomContrast',
  'RandomElasticTransform',
  'RandomErasing',
  'RandomFlip',
  'RandomGaussianBlur',
  'RandomGrayscale',
  'RandomHeight',
  'RandomHue',
  'RandomInvert',
  'RandomPerspective',
  'RandomPosterization',
  'RandomRotation',
  'RandomSaturation',
  'RandomSharpness',
  'RandomShear',
  'RandomTranslation',
  'RandomWidth',
  'RandomZoom',
  'ActivityRegularization',
]);

/** The rule for a class; undefined if the class is not supported. */
export function layerRule(className: string): LayerRule | undefined {
  if (ONLY_IN_TRAINING.has(className)) return { readsAnything: true, convert: identity };
  return Object.hasOwn(layerRules, className) ? layerRules[className] : undefined;
}

function relu({ max_value: max = null, negative_slope: slope, threshold }: JsonObject): TfjsLayer {
  const [below, from] = [slope ?? 0, threshold ?? 0];
  if (below === 0 && from === 0) return { className: 'ReLU', config: { max_value: max } };
  return {
    className: 'KerasReLU',
    config: { max_value: max, negative_slope: below, threshold: from },
  };
}

/**
 * tfjs supports softmax only along the last axis, written as -1; our own layer supports any axes.
 */
function softmax({ axis = -1 }: JsonObject, { rank }: LayerContext): TfjsLayer {
  const only = Array.isArray(axis) && axis.length === 1 ? (axis[0] as JsonValue) : axis;
  const isLast = only === -1 || (rank !== undefined && only === rank - 1);
  return isLast
    ? { className: 'Softmax', config: { axis: -1 } }
    : { className: 'KerasSoftmax', config: { axis: only } };
}

/** Dropout of the attention's weights, in training only, is left out. */
function multiHeadAttention(config: JsonObject, { rank }: LayerContext): TfjsLayer | string {
  const { output_shape: output = null, query_shape: query } = config;
  const axes = Array.isArray(query) ? query.length : (rank ?? 3);
  if (axes !== 3)
    return `has inputs with ${axes} axes; sequences [batch, tokens, channels] are supported`;
  const sides = [output].flat();
  if (sides.length > 1)
    return `has output_shape=${quoted(output)}; a number of channels is supported`;
  return {
    className: 'KerasMultiHeadAttention',
    config: {
      num_heads: config.num_heads!,
      key_dim: config.key_dim!,
      value_dim: config.value_dim ?? null,
      use_bias: config.use_bias ?? true,
      output_shape: sides[0]!,
    },
  };
}

function groupedConvolution({ groups = 1, ...config }: JsonObject): TfjsLayer | string {
  if (groups === 1) return { className: 'Conv2D', config };
  if (config.data_format === 'channels_first')
    return (
      `has data_format="channels_first" and groups=${quoted(groups)}; with "channels_last" ` +
      'they are supported'
    );
  return { className: 'KerasConv2D', config: { ...config, groups } };
}

function depthwiseConvolution(config: JsonObject): TfjsLayer | string {
  const { dilation_rate: dilation = 1, data_format: format } = config;
  if ([dilation].flat().every((rate) => rate === 1))
    return { className: 'DepthwiseConv2D', config };
  if (format === 'channels_first')
    return (
      `has data_format="channels_first" and dilation_rate=${quoted(dilation)}; with ` +
      '"channels_last" it is supported'
    );
  return { className: 'KerasDepthwiseConv2D', config };
}

/**
 * With padding "same" and strides beyond the window, tfjs pads by a negative number: for volumes on
 * the cpu engine, and on wasm for convolutions of more than one pixel, whose output is then zero.
 */
function withoutGaps(
  convert: NonNullable<LayerRule['convert']>,
): NonNullable<LayerRule['convert']> {
  return (config, context) => {
    const {
      padding,
      strides,
      kernel_size: kernel,
      pool_size: pool = 2,
      dilation_rate: dilation,
    } = config;
    const window = sides(kernel ?? pool);
    const [steps, rates] = [sides(strides ?? pool), sides(dilation ?? 1)];
    const hasGaps = window.some((side, i) => (side - 1) * rates[i]! + 1 < steps[i]!);
    const isPixel =
      Array.isArray(kernel) && kernel.length < 3 && window.every((side) => side === 1);
    if (padding !== 'same' || !hasGaps || isPixel) return convert(config, context);
    return (
      `has padding="same" and strides=${quoted(strides)} larger than its window ` +
      `${quoted(kernel ?? pool)}; with padding="valid" they are supported`
    );
  };
}

/** The sides of a window: a single number applies to all three. */
function sides(value: JsonValue): number[] {
  return Array.isArray(value) ? (value as number[]) : ([value, value, value] as number[]);
}

/** Converts to the tfjs class with the same settings. */
function stock(className: string): NonNullable<LayerRule['convert']> {
  return (config) => ({ className, config });
}

function globalPooling(className: string, kind: string): LayerRule {
  return {
    reads: ['data_format', 'keepdims'],
    convert: ({ data_format: format, keepdims }) => {
      const [layout, keeps] = [format ?? 'channels_last', keepdims ?? false];
      const isStock = keeps === false && (layout === 'channels_last' || className.endsWith('2D'));
      return isStock
        ? { className, config: { data_format: layout } }
        : {
            className: 'KerasGlobalPooling',
            config: { kind, data_format: layout, keepdims: keeps },
          };
    },
  };
}

function upSampling({ size, data_format: format, interpolation }: JsonObject): TfjsLayer | string {
  const factors: JsonValue = typeof size === 'number' ? [size, size] : (size ?? [2, 2]);
  const layout = format ?? 'channels_last';
  if (interpolation !== 'bilinear')
    return { className: 'UpSampling2D', config: { size: factors, data_format: layout } };
  if (layout !== 'channels_last')
    return (
      'has data_format="channels_first" and interpolation="bilinear"; with "channels_last" it ' +
      'is supported'
    );
  return { className: 'KerasUpSampling2D', config: { size: factors } };
}

/** tfjs creates the backward layer from the forward one, and names both itself. */
function bidirectional(
  { layer, backward_layer: backward, merge_mode: mode = 'concat' }: JsonObject,
  { inner }: LayerContext,
): TfjsLayer | string {
  const settings = (each: JsonValue): string =>
    JSON.stringify(each, (key, value: JsonValue) =>
      ['name', 'go_backwards', 'build_config', 'seed', 'seed_generator'].includes(key)
        ? undefined
        : value,
    );
  if (backward !== undefined && backward !== null && settings(backward) !== settings(layer!))
    return 'has its own backward_layer; only one made from layer is supported';
  const { config, ...rest } = layer as { config: JsonObject };
  const name = typeof config.name === 'string' ? config.name.replace(/^forward_/, '') : config.name;
  return {
    className: 'Bidirectional',
    config: {
      merge_mode: mode,
      layer: inner({ ...rest, config: { ...config, ...(name !== undefined && { name }) } }),
    },
  };
}
