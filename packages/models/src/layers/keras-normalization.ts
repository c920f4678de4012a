import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { onlyTensor } from './only-tensor.ts';

/** A number, or lists of numbers. */
type Statistics = number | Statistics[];

/** Arguments of {@link KerasNormalization}, as in Keras. */
interface KerasNormalizationArgs extends Record<string, unknown> {
  /** Axes with separate statistics. null: one mean and variance for all numbers. Default -1. */
  axis?: number | number[] | null;
  /**
   * Either both are given, or `adapt` finds them in Keras and they are weights. Given statistics
   * belong to the last of the axes.
   */
  mean?: Statistics | null;
  variance?: Statistics | null;
  /** Inverts the layer: `x * sqrt(variance) + mean`. */
  invert?: boolean;
}

/** Keras's `backend.epsilon()`, the lower bound of its standard deviation. */
const LEAST_DEVIATION = 1e-7;

/**
 * Keras's Normalization, `(x - mean) / sqrt(variance)`, which tfjs does not have. Its weights are
 * not trained.
 */
class KerasNormalization extends layers.Layer {
  static className = 'KerasNormalization';
  private readonly args: Required<
    Pick<KerasNormalizationArgs, 'axis' | 'mean' | 'variance' | 'invert'>
  >;
  private adapted?: { mean: LayerVariable; variance: LayerVariable };

  constructor({
    axis = -1,
    mean = null,
    variance = null,
    invert = false,
    ...args
  }: KerasNormalizationArgs = {}) {
    super(args);
    this.args = { axis, mean, variance, invert };
  }

  override build(inputShape: number[]): void {
    if (this.args.mean === null || this.args.variance === null) {
      const shape = this.keptAxes(inputShape.length).map((axis) => inputShape[axis]!);
      const weight = (
        name: string,
        sides: number[],
        dtype: 'float32' | 'int32',
        first: 'zeros' | 'ones',
      ): LayerVariable =>
        this.addWeight(name, sides, dtype, initializers[first](), undefined, false);
      this.adapted = {
        mean: weight('mean', shape, 'float32', 'zeros'),
        variance: weight('variance', shape, 'float32', 'ones'),
      };
      // Keras stores a count beside them.
      weight('count', [], 'int32', 'zeros');
    }
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = tf.cast(onlyTensor(inputs), 'float32');
      const mean = this.along(x, this.adapted?.mean.read() ?? tf.tensor(this.args.mean as number));
      const variance = this.along(
        x,
        this.adapted?.variance.read() ?? tf.tensor(this.args.variance as number),
      );
      const deviation = tf.maximum(tf.sqrt(variance), LEAST_DEVIATION);
      return this.args.invert
        ? tf.add(tf.mul(x, deviation), mean)
        : tf.div(tf.sub(x, mean), deviation);
    });
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...(this.args as tf.serialization.ConfigDict) };
  }

  private keptAxes(rank: number): number[] {
    const axes = this.args.axis === null ? [] : [this.args.axis].flat();
    return axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
  }

  /** Statistics in a shape that broadcasts along their axes. */
  private along(x: tf.Tensor, statistics: tf.Tensor): tf.Tensor {
    const shape = x.shape.map(() => 1);
    const axes = this.keptAxes(x.rank).slice(-statistics.rank);
    if (statistics.rank > 0) axes.forEach((axis, i) => (shape[axis] = statistics.shape[i]!));
    return tf.reshape(statistics, shape);
  }
}

tf.serialization.registerClass(KerasNormalization);
