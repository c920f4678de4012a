import { FixresModelsError } from '../errors.ts';

/**
 * Weights that the Keras project publishes for a model of `keras.applications`, trained on
 * ImageNet.
 */
export interface ApplicationWeights {
  url: string;
  /** Hex MD5 or SHA-256 with which Keras checks its download. Null: Keras has none. */
  hash: string | null;
}

export interface ApplicationWeightsOptions {
  /** With the classifier of 1000 classes. Default true. */
  includeTop?: boolean;
  /** MobileNetV2 only: factor of all widths. Default 1. */
  alpha?: number;
  /** MobileNetV2 only: side of the images that it was trained on. Default 224. */
  size?: number;
}

const BASE = 'https://storage.googleapis.com/tensorflow/keras-applications';

/** MD5 with and without top. */
const resNetHashes: Readonly<Record<string, readonly [string, string]>> = {
  resnet50v2: ['3ef43a0b657b3be2300d5770ece849e0', 'fac2f116257151a9d068a22e544a4917'],
  resnet101v2: ['6343647c601c52e1368623803854d971', 'c0ed64b8031c3730f411d2eb4eea35b5'],
  resnet152v2: ['a49b44d1979771252814e80f8ec446f9', 'ed17cf2e0169df9d443503ef94b23b33'],
};

const mobileNetAlphas: readonly number[] = [0.35, 0.5, 0.75, 1, 1.3, 1.4];
const mobileNetSizes: readonly number[] = [96, 128, 160, 192, 224];

/**
 * Finds the published weights of a model: `resnet50v2`, `resnet101v2`, `resnet152v2` or
 * `mobilenetv2`.
 *
 * @throws FixresModelsError `unknown-weights` for other models, `bad-option` for sizes that were
 * not published
 */
export function applicationWeights(
  name: string,
  options: ApplicationWeightsOptions = {},
): ApplicationWeights {
  const { includeTop = true, alpha = 1, size = 224 } = options;
  if (name === 'mobilenetv2') {
    requireOneOf('alpha', alpha, mobileNetAlphas);
    requireOneOf('size', size, mobileNetSizes);
    // Keras writes the factor as Python prints a float.
    const factor = Number.isInteger(alpha) ? alpha.toFixed(1) : String(alpha);
    const file = `mobilenet_v2_weights_tf_dim_ordering_tf_kernels_${factor}_${size}${includeTop ? '' : '_no_top'}.h5`;
    return { url: `${BASE}/mobilenet_v2/${file}`, hash: null };
  }
  if (!Object.hasOwn(resNetHashes, name)) {
    const known = [...Object.keys(resNetHashes), 'mobilenetv2'].join(', ');
    throw new FixresModelsError(
      'unknown-weights',
      `Keras publishes no weights for model ${JSON.stringify(name)} here. Known: ${known}.`,
    );
  }
  const [withTop, withoutTop] = resNetHashes[name]!;
  const file = `${name}_weights_tf_dim_ordering_tf_kernels${includeTop ? '' : '_notop'}.h5`;
  return { url: `${BASE}/resnet/${file}`, hash: includeTop ? withTop : withoutTop };
}

function requireOneOf(option: string, value: number, allowed: readonly number[]): void {
  if (allowed.includes(value)) return;
  throw new FixresModelsError(
    'bad-option',
    `Option ${option} is ${value}; weights are published for ${allowed.join(', ')}.`,
  );
}
