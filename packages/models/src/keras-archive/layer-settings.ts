import type { JsonValue } from '../card/json-value.ts';
import { activationNames } from '../topology/activation-name.ts';

type Settings = Readonly<Record<string, JsonValue>>;

/** A layer in Keras 3: its class, and the settings that it is built from. */
export interface KerasLayerSettings {
  className: string;
  settings: Settings;
  /** The module of an operation, which is no layer: it has neither weights nor a type. */
  module?: string;
}

const window = ['strides', 'padding', 'data_format'] as const;
const kernel = ['kernel_size', ...window, 'dilation_rate', 'activation', 'use_bias'] as const;
const normalisation = ['axis', 'epsilon', 'center', 'scale'] as const;
const image = ['data_format'] as const;

/** The settings of each layer that has the same ones in tfjs and in Keras 3. */
const sameSettings: Readonly<Record<string, readonly string[]>> = {
  Activation: ['activation'],
  Add: [],
  Average: [],
  AveragePooling2D: ['pool_size', ...window],
  BatchNormalization: [...normalisation, 'momentum'],
  Concatenate: ['axis'],
  Conv2D: ['filters', 'groups', ...kernel],
  Cropping2D: ['cropping', ...image],
  Dense: ['units', 'activation', 'use_bias'],
  DepthwiseConv2D: ['depth_multiplier', ...kernel],
  Dropout: ['rate'],
  ELU: ['alpha'],
  Flatten: image,
  GlobalAveragePooling2D: image,
  GlobalMaxPooling2D: image,
  LayerNormalization: normalisation,
  MaxPooling2D: ['pool_size', ...window],
  Maximum: [],
  Minimum: [],
  Multiply: [],
  Normalization: ['axis', 'mean', 'variance', 'invert'],
  PReLU: ['shared_axes'],
  Permute: ['dims'],
  ReLU: ['max_value', 'negative_slope', 'threshold'],
  Rescaling: ['scale', 'offset'],
  Reshape: ['target_shape'],
  SeparableConv2D: ['filters', 'depth_multiplier', ...kernel],
  Softmax: ['axis'],
  UpSampling2D: ['size', 'interpolation', ...image],
  ZeroPadding2D: ['padding', ...image],
};

/** Our own layers that are a layer of Keras with settings that tfjs's does not have. */
const ownLayers: Readonly<Record<string, string>> = {
  KerasConv2D: 'Conv2D',
  KerasDepthwiseConv2D: 'DepthwiseConv2D',
  KerasELU: 'ELU',
  KerasNormalization: 'Normalization',
  KerasReLU: 'ReLU',
  KerasSoftmax: 'Softmax',
};

/** What Keras 3 writes for `keras.ops.flip(x, axis=-1)`. */
export const reversedChannels: Required<KerasLayerSettings> = {
  className: 'Flip',
  settings: { axis: -1 },
  module: 'keras.src.ops.numpy',
};

/** Activations by their names in Keras 3; the others have the same name. */
const otherActivations: Readonly<Record<string, string>> = {
  keras3_hard_sigmoid: 'hard_sigmoid',
  swish: 'silu',
};

/**
 * A layer of tfjs as Keras 3 describes it. Initializers and regularizers are left out: Keras takes
 * its defaults, and weights are loaded over them.
 *
 * @param className the layer's class in tfjs
 * @param config its configuration with the names of Python
 * @param rank of its first input, with the batch
 * @returns a reason to refuse it, "has ...", if Keras 3 has no such layer
 */
export function kerasLayerSettings(
  className: string,
  config: Settings,
  rank: number,
): KerasLayerSettings | string {
  if (className === 'LeakyReLU')
    return { className, settings: { negative_slope: config.alpha ?? 0.3 } };
  // Keras has it only inside its ConvNeXt, and opens no file with it.
  if (className === 'KerasLayerScale')
    return {
      className: 'EinsumDense',
      settings: {
        equation: '...c,c->...c',
        output_shape: config.projection_dim!,
        activation: 'linear',
        bias_axes: null,
      },
    };
  if (className === 'KerasReverseChannels') return reversedChannels;
  if (className === 'KerasGlobalPooling') {
    const { kind, data_format: format, keepdims } = config;
    if (rank !== 3 && rank !== 4) return `pools an input of rank ${rank}; allowed are 3 and 4`;
    return {
      className: `Global${kind === 'max' ? 'Max' : 'Average'}Pooling${rank - 2}D`,
      settings: { data_format: format!, keepdims: keepdims! },
    };
  }
  if (className === 'KerasUpSampling2D')
    return {
      className: 'UpSampling2D',
      settings: { size: config.size!, interpolation: 'bilinear', data_format: 'channels_last' },
    };
  // Keras's has another pixel grid.
  if (className === 'UpSampling2D' && config.interpolation === 'bilinear')
    return 'has the bilinear interpolation of TensorFlow.js, without half-pixel centres';
  const keras = ownLayers[className] ?? className;
  const names = sameSettings[keras];
  if (names === undefined) return 'is of a class that is not translated';
  const { activation } = config;
  // tfjs and Keras 2 have another slope.
  if (activation === 'hard_sigmoid') return 'has the hard_sigmoid of Keras 2';
  const given = names.filter((name) => config[name] !== undefined);
  const settings: Record<string, JsonValue> = Object.fromEntries(
    given.map((name) => [name, config[name]!]),
  );
  if (typeof activation === 'string') {
    const name = otherActivations[activation] ?? activation;
    if (!activationNames.includes(name))
      return `has the activation "${activation}", which Keras 3 does not have`;
    settings.activation = name;
  }
  return { className: keras, settings };
}
