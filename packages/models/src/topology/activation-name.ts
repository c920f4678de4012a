import type { JsonValue } from '../card/json-value.ts';
import type { KerasVersion } from './keras-version.ts';

/**
 * Functions with another name in tfjs, or of our own there: layers/activation/keras-activations.ts.
 */
const OTHER_NAMES: Readonly<Record<string, string>> = { silu: 'swish', hard_swish: 'hard_silu' };

const SAME_NAMES: ReadonlySet<JsonValue | undefined> = new Set([
  'celu',
  'elu',
  'exponential',
  'gelu',
  'hard_shrink',
  'hard_sigmoid',
  'hard_silu',
  'hard_tanh',
  'leaky_relu',
  'linear',
  'log_sigmoid',
  'log_softmax',
  'mish',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'soft_shrink',
  'softmax',
  'softplus',
  'softsign',
  'sparse_plus',
  'sparse_sigmoid',
  'squareplus',
  'swish',
  'tanh',
  'tanh_shrink',
]);

/** All supported activations, by their Keras names. */
export const activationNames: readonly string[] = [...SAME_NAMES, ...Object.keys(OTHER_NAMES)]
  .map(String)
  .sort();

/** The name of a Keras activation function in model.json; undefined if it is not supported. */
export function activationName(
  name: JsonValue | undefined,
  keras: KerasVersion,
): string | undefined {
  // Keras 3 uses another formula.
  if (name === 'hard_sigmoid' && keras === 3) return 'keras3_hard_sigmoid';
  if (name === undefined || name === null) return 'linear';
  if (typeof name === 'string' && Object.hasOwn(OTHER_NAMES, name)) return OTHER_NAMES[name];
  return SAME_NAMES.has(name) ? (name as string) : undefined;
}
