import { checkOption } from '../check-option.ts';
import type { Rescaling } from '../keras-config/arithmetic.ts';
import { classRange } from '../model-names.ts';

/** Options that all architectures share. */
export interface ArchitectureOptions {
  /**
   * Height, width and channels of the input; a null side is variable. Default [null, null, 3].
   * Sides are at least 32.
   */
  inputShape?: [number | null, number | null, 3];
  /** Whether the model ends in average pooling and a dense classifier. Default true. */
  includeTop?: boolean;
  /** Number of classes of the classifier. Default 1000. */
  classes?: number;
  /**
   * `softmax` (default) returns probabilities of one class per image, `sigmoid` those of each class on
   * its own for multi-label data, `none` logits.
   */
  classifierActivation?: 'softmax' | 'sigmoid' | 'none';
  /**
   * Global pooling of the last feature map to [b, channels]. Default: `avg` with top; without top
   * none, so the map is the output.
   */
  pooling?: 'avg' | 'max';
  /**
   * A first layer `rescaling` that computes x * scale + offset, e.g. 1/127.5 and -1 for pixels of
   * 0..255. Each is a number, or one per channel.
   */
  rescaling?: Rescaling;
  /** Seed of all initial weights, a safe integer. Default 0. */
  seed?: number;
  /** Name of the model. */
  name?: string;
}

/** {@link ArchitectureOptions} with their defaults. */
export type ResolvedArchitectureOptions = Required<
  Omit<ArchitectureOptions, 'pooling' | 'rescaling' | 'name'>
> &
  Pick<ArchitectureOptions, 'pooling' | 'rescaling' | 'name'>;

/**
 * Fills in the defaults and checks the values.
 *
 * @throws FixresModelsError `bad-option`
 */
export function resolveArchitectureOptions(
  options: ArchitectureOptions,
): ResolvedArchitectureOptions {
  const resolved: ResolvedArchitectureOptions = {
    inputShape: [null, null, 3],
    includeTop: true,
    classes: 1000,
    classifierActivation: 'softmax',
    seed: 0,
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
  const { inputShape, classes, classifierActivation, pooling, rescaling, seed } = resolved;
  checkOption(
    isInputShape(inputShape),
    'inputShape',
    inputShape,
    '[height, width, 3] with sides of at least 32 or null',
  );
  checkOption(
    isPositiveInteger(classes) && classes <= classRange.high,
    'classes',
    classes,
    `an integer from 1 to ${classRange.high}`,
  );
  checkOption(
    ['softmax', 'sigmoid', 'none'].includes(classifierActivation),
    'classifierActivation',
    classifierActivation,
    "'softmax', 'sigmoid' or 'none'",
  );
  checkOption(
    pooling === undefined || ['avg', 'max'].includes(pooling),
    'pooling',
    pooling,
    "'avg', 'max' or left out",
  );
  checkOption(
    rescaling === undefined || [rescaling.scale, rescaling.offset].every(isNumberOrThree),
    'rescaling',
    rescaling,
    '{ scale, offset } with finite numbers, or three for the channels',
  );
  checkOption(Number.isSafeInteger(seed), 'seed', seed, 'a safe integer');
  return resolved;
}

export function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1;
}

function isNumberOrThree(value: unknown): boolean {
  return (
    Number.isFinite(value) ||
    (Array.isArray(value) && value.length === 3 && value.every((each) => Number.isFinite(each)))
  );
}

function isInputShape(shape: unknown): boolean {
  if (!Array.isArray(shape) || shape.length !== 3) return false;
  const [height, width, channels] = shape as unknown[];
  return (
    channels === 3 &&
    [height, width].every((side) => side === null || (isPositiveInteger(side) && side >= 32))
  );
}
