import { isJsonObject, type JsonValue } from '../card/json-value.ts';

type Settings = Readonly<Record<string, JsonValue>>;

/** A layer in one form, whether tfjs, Keras 2 or Keras 3 wrote it. */
export interface CanonicalLayer {
  op: string;
  settings: Settings;
  /** Applied to the result of a layer that computes something else first. */
  activation?: string;
}

/** Layers whose output equals their input in prediction. */
const INACTIVE = new Set([
  'ActivityRegularization',
  'AlphaDropout',
  'AugMix',
  'AutoContrast',
  'CutMix',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'Identity',
  'MixUp',
  'RandAugment',
  'SpatialDropout1D',
  'SpatialDropout2D',
  'SpatialDropout3D',
]);

/**
 * Augmentation: `RandomFlip`, `RandomBrightness`, ... `RandomCrop` is not included: in prediction
 * it crops the centre.
 */
const RANDOM = /^Random(?!Crop$)[A-Z]\w*$/;

/** Settings of any layer that do not affect predictions. */
const IRRELEVANT =
  /^(?:name|trainable|dtype|autocast|batch_input_shape|batch_shape|momentum|seed|synchronized|sparse|ragged|.*_(?:initializer|regularizer|constraint))$/;

/** The settings of a layer that affect predictions, with Keras's defaults. */
const KNOWN: Readonly<Record<string, (config: Settings) => Settings>> = {
  Conv2D: ({ filters, use_bias: bias, ...rest }) => ({
    filters: filters!,
    ...convolution(rest),
    use_bias: bias ?? true,
  }),
  DepthwiseConv2D: ({ depth_multiplier: multiplier, use_bias: bias, ...rest }) => ({
    ...convolution(rest),
    depth_multiplier: multiplier ?? 1,
    use_bias: bias ?? true,
  }),
  Dense: ({ units, use_bias: bias }) => ({ units: units!, use_bias: bias ?? true }),
  BatchNormalization: ({ axis, epsilon, center, scale }) => ({
    axis: lastAxis(axis),
    epsilon: epsilon ?? 1e-3,
    center: center ?? true,
    scale: scale ?? true,
  }),
  ZeroPadding2D: ({ padding, data_format: format }) => ({
    padding: sides(padding ?? 1),
    data_format: format ?? 'channels_last',
  }),
  MaxPooling2D: pooling,
  AveragePooling2D: pooling,
  GlobalAveragePooling2D: globalPooling,
  GlobalMaxPooling2D: globalPooling,
  Rescaling: ({ scale, offset }) => ({ scale: scale ?? 1, offset: offset ?? 0 }),
  Normalization: ({ axis, mean, variance, invert }) => ({
    axis: lastAxis(axis),
    mean: mean ?? null,
    variance: variance ?? null,
    invert: invert ?? false,
  }),
  Flatten: () => ({}),
  Add: () => ({}),
};

/** @returns null for a layer that does nothing in prediction */
export function canonicalLayer(className: string, config: Settings): CanonicalLayer | null {
  if (INACTIVE.has(className) || RANDOM.test(className)) return null;
  if (className === 'Activation') return activationLayer(activationName(config.activation));
  if (className === 'Softmax')
    return config.axis === undefined || config.axis === -1
      ? activationLayer('softmax')
      : { op: 'Softmax', settings: { axis: config.axis } };
  if (className === 'ReLU') {
    const { max_value: max = null, negative_slope: slope = 0, threshold = 0 } = config;
    if (slope === 0 && threshold === 0 && (max === null || max === 6))
      return activationLayer(max === null ? 'relu' : 'relu6');
    return { op: 'ReLU', settings: { max_value: max, negative_slope: slope, threshold } };
  }
  const activation = config.activation === undefined ? 'linear' : activationName(config.activation);
  const settings =
    KNOWN[className]?.(config) ??
    Object.fromEntries(
      Object.entries(config).filter(([key]) => key !== 'activation' && !IRRELEVANT.test(key)),
    );
  return { op: className, settings, ...(activation === 'linear' ? {} : { activation }) };
}

function activationLayer(name: string): CanonicalLayer | null {
  return name === 'linear' ? null : { op: 'Activation', settings: { activation: name } };
}

/** User-defined functions are objects with a name. */
function activationName(activation: JsonValue | undefined): string {
  const name = isJsonObject(activation)
    ? (activation.registered_name ?? activation.config ?? activation.class_name)
    : activation;
  if (name === undefined || name === null) return 'linear';
  return typeof name === 'string' ? name : JSON.stringify(name);
}

function convolution({
  kernel_size: kernel,
  strides,
  padding,
  dilation_rate: dilation,
  groups,
  data_format: format,
}: Settings): Settings {
  return {
    kernel_size: pair(kernel!),
    strides: pair(strides ?? 1),
    padding: padding ?? 'valid',
    dilation_rate: pair(dilation ?? 1),
    groups: groups ?? 1,
    data_format: format ?? 'channels_last',
  };
}

function pooling({ pool_size: size, strides, padding, data_format: format }: Settings): Settings {
  return {
    pool_size: pair(size ?? 2),
    strides: pair(strides ?? size ?? 2),
    padding: padding ?? 'valid',
    data_format: format ?? 'channels_last',
  };
}

function globalPooling({ keepdims, data_format: format }: Settings): Settings {
  return { keepdims: keepdims ?? false, data_format: format ?? 'channels_last' };
}

function pair(value: JsonValue): JsonValue {
  return typeof value === 'number' ? [value, value] : value;
}

/** Two pairs of [before, after]. */
function sides(padding: JsonValue): JsonValue {
  return (pair(padding) as JsonValue[]).map(pair);
}

/** -1 for the channels of an image batch. Keras 2 writes a list. */
function lastAxis(axis: JsonValue | undefined): JsonValue {
  const only = Array.isArray(axis) ? (axis[0] as JsonValue) : axis;
  return only === undefined || only === null || only === 3 ? -1 : only;
}
