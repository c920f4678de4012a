import * as tf from '@tensorflow/tfjs-core';
import { FixresFinetuneError } from '../errors.ts';
import { recordBytes, recordLayout, type FeaturePrecision } from './feature-record.ts';
import type { FeatureForm, FeatureSplit } from './split-features.ts';

/** Maximum bytes of features. */
export interface FeatureBudget {
  memoryBytes: number;
  /** 0 without a disk. */
  diskBytes: number;
}

export interface PlanFeaturesOptions {
  /** One image as the model's input, without the batch: [height, width, channels]. */
  inputShape: readonly number[];
  /** Number of distinct views of all images. */
  views: number;
  budget: FeatureBudget;
  /**
   * Default `full`. `half` is never selected automatically, because it is not exact: each feature
   * is rounded to 11 bits.
   */
  precision?: FeaturePrecision;
  /**
   * Whether all features are bfloat16 numbers, as from a trunk that computes in bfloat16. They are
   * then cached exactly in two bytes each, in either precision. Default false.
   */
  isBfloat16?: boolean;
}

/** Where features will be cached, and why. Plain data, so it can be stored with a run. */
export interface FeaturePlan {
  where: 'memory' | 'disk' | 'nowhere';
  /**
   * Null if the model has no trunk for cached features; the same applies to the following fields.
   */
  form: FeatureForm | null;
  /** The last layer of the trunk. */
  cut: string | null;
  /** Features of one view. */
  shape: readonly number[];
  views: number;
  precision: FeaturePrecision;
  /** Total bytes of all views. */
  bytes: number;
  /**
   * Whether training on cached features gives the same result as training on images, up to rounding
   * in single precision.
   */
  exact: boolean;
  /** Explanation in one or two sentences. */
  explanation: string;
}

/**
 * Decides where the features of a frozen trunk are cached: in memory if all of them fit, otherwise
 * on disk, otherwise nowhere. Runs the trunk on one blank image to measure its features.
 *
 * @throws FixresFinetuneError `bad-cache` for invalid numbers
 */
export function planFeatures(
  split: FeatureSplit | null,
  options: PlanFeaturesOptions,
): FeaturePlan {
  const { inputShape, views, budget, isBfloat16 = false } = options;
  const precision = isBfloat16 ? 'full' : (options.precision ?? 'full');
  for (const [name, value] of Object.entries({ views, ...budget })) {
    if (!(value >= 0) || (name === 'views' && !Number.isSafeInteger(value))) {
      throw new FixresFinetuneError(
        'bad-cache',
        `${name}: received ${value}; allowed is a number of at least 0`,
      );
    }
  }
  if (split === null)
    return noPlan(
      views,
      'The model has no frozen trunk that ends in a single tensor, so every epoch runs all of it.',
    );

  const shape = tf.tidy(() => split.features(tf.zeros([1, ...inputShape])).shape.slice(1));
  const layout = recordLayout(shape, precision, isBfloat16);
  const bytes = views * recordBytes(layout);
  const { form, cut } = split;
  const found = { form, cut, shape, views, precision, bytes, exact: precision === 'full' };
  const kept = `${contents[form]} [${shape.join(', ')}] of ${views} views, ${formatBytes(bytes)} in ${isBfloat16 ? 'bfloat16, as the frozen layers compute them' : `${precision} precision`}`;
  const where =
    bytes <= budget.memoryBytes ? 'memory' : bytes <= budget.diskBytes ? 'disk' : 'nowhere';
  if (where === 'nowhere') {
    const limits = `${formatBytes(budget.memoryBytes)} of memory and ${formatBytes(budget.diskBytes)} of disk`;
    const half = views * recordBytes({ ...layout, precision: 'half' });
    const hint =
      layout.precision === 'full' && half <= Math.max(budget.memoryBytes, budget.diskBytes)
        ? ` Half precision would take ${formatBytes(half)}, but is not exact.`
        : '';
    return {
      ...found,
      where,
      explanation: `Features are not cached: ${kept}, exceed the allowed ${limits}.${hint}`,
    };
  }
  const place =
    where === 'memory'
      ? 'in memory'
      : `on disk (${formatBytes(budget.memoryBytes)} of memory is not enough)`;
  const rounding =
    precision === 'half'
      ? ' Half precision rounds each feature to 11 bits, so results differ slightly.'
      : '';
  return {
    ...found,
    where,
    explanation:
      `The frozen layers up to ${cut} run once per view: ${kept}, are cached ` +
      `${place}.${rounding}`,
  };
}

/** A plan without caching, with its reason. */
export function noPlan(views: number, explanation: string): FeaturePlan {
  return {
    where: 'nowhere',
    form: null,
    cut: null,
    shape: [],
    views,
    precision: 'full',
    bytes: 0,
    exact: true,
    explanation,
  };
}

const contents: Record<FeatureForm, string> = {
  maps: 'feature maps',
  moments: 'means and variances by channel',
  vectors: 'feature vectors',
};

/** Formats bytes in powers of ten: `2.65 GB`. */
function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}
