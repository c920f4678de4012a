import * as tf from '@tensorflow/tfjs-core';
import { checkOption } from '../check-option.ts';

/**
 * How gradients are limited before an update. Plain data; one of:
 *
 * - `norm`: the norm of all gradients together, torch's `clip_grad_norm_`.
 * - `value`: each number of each gradient, torch's `clip_grad_value_`.
 * - `adaptive`: the norm of the gradient of each unit (output channel), as a fraction of the norm of
 *   its weights (Brock et al. 2021, "High-Performance Large-Scale Image Recognition Without
 *   Normalization"), timm's `agc`. The classifier is not clipped.
 */
export type GradientClipping = { norm: number } | { value: number } | { adaptive: number };

/** torch's: keeps the quotient finite if all gradients are 0. */
const NORM_EPSILON = 1e-6;
/** timm's: a unit counts as at least this long, so that one that starts at 0 can grow. */
const UNIT_EPSILON = 1e-3;

/** @throws FixresModelsError `bad-option` unless the limit is a finite number above 0 */
export function checkClipping(clipping: GradientClipping): void {
  for (const [kind, limit] of Object.entries<number>(clipping))
    checkOption(
      limit > 0 && Number.isFinite(limit),
      `clipGradients.${kind}`,
      limit,
      'a finite number above 0',
    );
}

/**
 * Limits gradients. Works eagerly, and recorded into a graph.
 *
 * @param gradients by the names of their variables; the caller keeps ownership
 * @param classifier names of the variables that adaptive clipping leaves out
 * @returns new tensors by the same names, of the enclosing tidy
 */
export function clipGradients(
  gradients: tf.NamedTensorMap,
  clipping: GradientClipping,
  classifier: ReadonlySet<string>,
): tf.NamedTensorMap {
  const entries = Object.entries(gradients);
  if ('value' in clipping) {
    const { value } = clipping;
    return mapped(entries, (gradient) => tf.clipByValue(gradient, -value, value));
  }
  if ('adaptive' in clipping) {
    return mapped(entries, (gradient, name) => {
      if (classifier.has(name)) return gradient.clone();
      const variable = tf.engine().registeredVariables[name]!;
      return clippedUnits(gradient, variable, unitAxes(name, variable.shape), clipping.adaptive);
    });
  }
  const total = tf.sqrt(
    tf.addN(entries.map(([, gradient]) => tf.sum<tf.Scalar>(tf.square(gradient)))),
  );
  const factor = tf.minimum(tf.div(clipping.norm, tf.add(total, NORM_EPSILON)), 1);
  return mapped(entries, (gradient) => tf.mul(gradient, factor));
}

function mapped(
  entries: readonly (readonly [string, tf.Tensor])[],
  change: (gradient: tf.Tensor, name: string) => tf.Tensor,
): tf.NamedTensorMap {
  return Object.fromEntries(entries.map(([name, gradient]) => [name, change(gradient, name)]));
}

function clippedUnits(
  gradient: tf.Tensor,
  variable: tf.Tensor,
  axes: number[] | undefined,
  fraction: number,
): tf.Tensor {
  const normOf = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.sum(tf.square(x), axes, true));
  const most = tf.mul(tf.maximum(normOf(variable), UNIT_EPSILON), fraction);
  const norm = normOf(gradient);
  const factor = tf.div(most, tf.maximum(norm, 1e-6));
  return tf.mul(gradient, tf.where(tf.less(norm, most), tf.onesLike(norm), factor));
}

/**
 * The axes that belong to one unit, in Keras's layout: kernels have the output channels last, and
 * depthwise kernels have them in the last two axes. Of attention, the query, key and value kernels
 * [in, heads, size] have outputs of two axes. Other variables are one unit, as in timm.
 */
function unitAxes(name: string, { length: rank }: readonly number[]): number[] | undefined {
  if (rank < 2 || !/kernel(?:_\d+)?$/.test(name)) return undefined;
  if (/(?:query|key|value)_kernel(?:_\d+)?$/.test(name)) return [0];
  const outputs = /depthwise_kernel(?:_\d+)?$/.test(name) ? 2 : 1;
  return Array.from({ length: rank - outputs }, (_, axis) => axis);
}
