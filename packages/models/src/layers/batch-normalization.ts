import * as tf from '@tensorflow/tfjs-core';
import { type LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { checkOption } from '../check-option.ts';
import { batchNormTraining } from '../kernels/batch-norm-training.ts';

/** Arguments of {@link BatchNormalization}: those of tfjs's own layer. */
export type BatchNormalizationArgs = NonNullable<Parameters<typeof layers.batchNormalization>[0]>;

/**
 * tfjs's layer as it is at run time. tfjs does not export the class itself, and declares its fields
 * private.
 */
interface StockBatchNormalization extends layers.Layer {
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly gamma?: LayerVariable;
  readonly beta?: LayerVariable;
  readonly movingMean: LayerVariable;
  readonly movingVariance: LayerVariable;
}

const StockBatchNormalization: {
  new (args?: BatchNormalizationArgs): StockBatchNormalization;
  fromConfig: typeof layers.Layer.fromConfig;
} =
  // An explicit name does not increase the counter of automatic layer names.
  layers.batchNormalization({ name: 'fixres_stock_batch_normalization' }).constructor as never;

/**
 * Batch normalisation that respects freezing, as in Keras, and trains with TensorFlow's fused
 * kernel on the native engine.
 *
 * - `layer.trainable = false`: inference mode, even inside a training step. Running statistics are
 *   used and not updated.
 * - `layer.trainable = true`, but `gamma.trainable = beta.trainable = false` on the weights
 *   ("statistics only"): batch statistics are used and the running ones are updated; gamma and beta
 *   do not change.
 * - otherwise: batch statistics are used, running statistics are updated, gamma and beta get
 *   gradients.
 *
 * tfjs's own layer ignores `trainable`, fails in training without scale or center, and is wrong for
 * any axis but the last. This one is registered under the same class name, so every layers model
 * loaded after importing this module uses it.
 *
 * Running statistics follow Keras 3: `moving = momentum * moving + (1 - momentum) * batch`, with
 * the biased variance.
 */
export class BatchNormalization extends StockBatchNormalization {
  static className = 'BatchNormalization';

  /**
   * Marks that `trainable = false` means inference mode. Freeze policies check this before they
   * trust a frozen layer.
   */
  readonly frozenAware = true;

  /** @throws FixresModelsError `bad-option` for several axes */
  constructor({ axis = -1, ...args }: BatchNormalizationArgs = {}) {
    // Keras 2 writes the axis as a list.
    const [first, ...others] = [axis].flat();
    checkOption(others.length === 0, 'axis', axis, 'one axis');
    super({ ...args, axis: first! });
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    const training = kwargs.training === true && this.trainable;
    return tf.tidy(() => this.normalize(Array.isArray(inputs) ? inputs[0]! : inputs, training));
  }

  /**
   * Any rank, any axis. tfjs's own layer passes other axes to kernels that cannot broadcast, which
   * is wrong without an error on cpu.
   */
  private normalize(x: tf.Tensor, training: boolean): tf.Tensor {
    const axis = this.axis < 0 ? this.axis + x.rank : this.axis;
    if (axis === x.rank - 1) return this.normalizeLastAxis(x, training);
    const order = x.shape.map((_, i) => i);
    order.splice(axis, 1);
    order.push(axis);
    const back = order.map((_, i) => order.indexOf(i));
    return tf.transpose(this.normalizeLastAxis(tf.transpose(x, order), training), back);
  }

  private normalizeLastAxis(x: tf.Tensor, training: boolean): tf.Tensor {
    const channels = x.shape[x.rank - 1]!;
    const x4d =
      x.rank === 4
        ? (x as tf.Tensor4D)
        : tf.reshape<tf.Rank.R4>(x, [x.size / channels, 1, 1, channels]);
    const y = training
      ? this.normalizeByBatch(x4d, channels)
      : this.normalizeByRunningStatistics(x4d);
    return x.rank === 4 ? y : tf.reshape(y, x.shape);
  }

  private normalizeByRunningStatistics(x: tf.Tensor4D): tf.Tensor4D {
    const mean = this.movingMean.read() as tf.Tensor1D;
    const variance = this.movingVariance.read() as tf.Tensor1D;
    const beta = this.beta?.read() as tf.Tensor1D | undefined;
    const gamma = this.gamma?.read() as tf.Tensor1D | undefined;
    return tf.batchNorm4d(x, mean, variance, beta, gamma, this.epsilon);
  }

  private normalizeByBatch(x: tf.Tensor4D, channels: number): tf.Tensor4D {
    const gamma = (this.gamma?.read() ?? tf.ones([channels])) as tf.Tensor1D;
    const beta = (this.beta?.read() ?? tf.zeros([channels])) as tf.Tensor1D;
    return batchNormTraining(x, gamma, beta, this.epsilon, (mean, variance) => {
      const rate = tf.scalar(1 - this.momentum);
      moveTowards(this.movingMean, mean, rate);
      moveTowards(this.movingVariance, variance, rate);
    });
  }
}

function moveTowards(variable: LayerVariable, value: tf.Tensor, rate: tf.Scalar): void {
  const current = variable.read();
  variable.write(tf.add(current, tf.mul(tf.sub(value, current), rate)));
}

tf.serialization.registerClass(BatchNormalization);

/**
 * Creates a {@link BatchNormalization} layer, for models built in code;
 * `tf.layers.batchNormalization` still creates tfjs's own. Defaults as in Keras: axis -1, momentum
 * 0.99, epsilon 1e-3, scale and center on.
 */
export function batchNormalization(args: BatchNormalizationArgs = {}): BatchNormalization {
  return new BatchNormalization(args);
}
