import * as tf from '@tensorflow/tfjs-core';
import { type NativeAttribute, type NativeBackend, nativeBackend } from './native-backend.ts';

/**
 * Receives the batch's mean and biased variance, shape [c] each. Both are disposed when the
 * callback returns.
 */
export type OnMoments = (mean: tf.Tensor1D, variance: tf.Tensor1D) => void;

/**
 * Returns the mean of a vector over the parts of a batch, here and elsewhere. Its result belongs to
 * the enclosing tidy. The parts have equally many values.
 */
export type MeanOfParts = (vector: tf.Tensor1D) => tf.Tensor1D;

let meanOfParts: MeanOfParts | undefined;

/**
 * Runs training steps of one part of a batch, with batch normalisation by the statistics of the
 * whole batch: "synchronised", as in torch.nn.SyncBatchNorm. The loss of the whole is the mean of
 * those of its parts, so that the means of their gradients are its gradients.
 */
export function withSharedMoments<T>(mean: MeanOfParts, run: () => T): T {
  const before = meanOfParts;
  meanOfParts = mean;
  try {
    return run();
  } finally {
    meanOfParts = before;
  }
}

/**
 * Batch normalisation with the statistics of the batch itself, differentiable in `x`, `gamma` and
 * `beta`.
 *
 * Uses TensorFlow's fused kernel and fused gradient on the native backend; elsewhere composed ops
 * with the gradient in closed form, and so inside {@link withSharedMoments}. Both report Keras's
 * statistics: the variance is the biased one (divided by n).
 *
 * @param x activations, [n, h, w, c], float32
 * @param gamma scale, [c]
 * @param beta offset, [c]
 * @param epsilon added to the variance, > 0
 * @param onMoments called once during the forward pass, outside the gradient tape, so that updating
 * running statistics in it leaves nothing behind for the backward pass
 * @returns [n, h, w, c]; the caller (or the enclosing tidy) disposes it
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
  onMoments: OnMoments,
): tf.Tensor4D {
  const backend = nativeBackend();
  return backend === undefined || meanOfParts !== undefined
    ? composed(x, gamma, beta, epsilon, onMoments)
    : fused(backend, x, gamma, beta, epsilon, onMoments);
}

function fused(
  backend: NativeBackend,
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
  onMoments: OnMoments,
): tf.Tensor4D {
  const { binding } = backend;
  const attributes: NativeAttribute[] = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'U', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
  ];
  const count = x.size / x.shape[3];
  const forward = tf.customGrad((...args) => {
    const [$x, $gamma, $beta, save] = args as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const empty = tf.zeros([0]);
    const [y, mean, unbiased, reserve1, reserve2, reserve3] = backend.executeMultipleOutputs(
      'FusedBatchNormV3',
      attributes,
      [$x, $gamma, $beta, empty, empty],
      6,
    ) as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor, tf.Tensor, tf.Tensor];
    // The kernel reports n/(n-1) times the variance (Bessel's correction); Keras keeps the biased
    // one.
    onMoments(mean, count > 1 ? tf.mul(unbiased, (count - 1) / count) : unbiased);
    save([$x, $gamma, reserve1, reserve2, reserve3]);
    const gradFunc = (dy: tf.Tensor4D, saved: tf.Tensor[]): tf.Tensor[] =>
      backend
        .executeMultipleOutputs('FusedBatchNormGradV3', attributes, [dy, ...saved], 5)
        .slice(0, 3);
    return { value: y, gradFunc };
  });
  return forward(x, gamma, beta);
}

function composed(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
  onMoments: OnMoments,
): tf.Tensor4D {
  const count = x.size / x.shape[3];
  const shared = meanOfParts ?? ((vector: tf.Tensor1D) => vector);
  const forward = tf.customGrad((...args) => {
    const [$x, $gamma, $beta, save] = args as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const mean = shared(tf.mean<tf.Tensor1D>($x, [0, 1, 2]));
    const variance = shared(tf.mean<tf.Tensor1D>(tf.squaredDifference($x, mean), [0, 1, 2]));
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const value = tf.batchNorm4d($x, mean, variance, $beta, $gamma, epsilon);
    onMoments(mean, variance);
    save([$x, $gamma, mean, inverse]);
    const gradFunc = (dy: tf.Tensor4D, saved: tf.Tensor[]): tf.Tensor[] => {
      const [sx, sGamma, sMean, sInverse] = saved as [
        tf.Tensor4D,
        tf.Tensor1D,
        tf.Tensor1D,
        tf.Tensor1D,
      ];
      const normalized = tf.mul(tf.sub(sx, sMean), sInverse);
      const dBeta = tf.sum<tf.Tensor1D>(dy, [0, 1, 2]);
      const dGamma = tf.sum<tf.Tensor1D>(tf.mul(dy, normalized), [0, 1, 2]);
      // Through the batch's mean and variance, every element depends on the average gradient and
      // its correlation with x.
      const common = tf.add(
        tf.div(shared(dBeta), count),
        tf.mul(normalized, tf.div(shared(dGamma), count)),
      );
      const dx = tf.mul(tf.sub(dy, common), tf.mul(sGamma, sInverse));
      return [dx, dGamma, dBeta];
    };
    return { value, gradFunc };
  });
  return forward(x, gamma, beta);
}
