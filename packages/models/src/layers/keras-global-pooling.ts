import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from './only-tensor.ts';

/** Arguments of {@link KerasGlobalPooling}. */
interface KerasGlobalPoolingArgs extends Record<string, unknown> {
  /** `average` or `max`. */
  kind: 'average' | 'max';
  /** `channelsLast` or `channelsFirst`. */
  dataFormat: 'channelsLast' | 'channelsFirst';
  /** Whether to keep the pooled sides with length 1. */
  keepdims: boolean;
}

/**
 * Keras's GlobalAveragePooling1D and 2D and GlobalMaxPooling1D and 2D with all their arguments.
 * tfjs's own layers ignore `keepdims`, and the one-dimensional ones also ignore `dataFormat`.
 */
class KerasGlobalPooling extends layers.Layer {
  static className = 'KerasGlobalPooling';
  private readonly args: Pick<KerasGlobalPoolingArgs, 'kind' | 'dataFormat' | 'keepdims'>;

  constructor({ kind, dataFormat, keepdims, ...args }: KerasGlobalPoolingArgs) {
    super(args);
    this.args = { kind, dataFormat, keepdims };
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = onlyTensor(inputs);
    const reduce = this.args.kind === 'max' ? tf.max : tf.mean;
    return tf.tidy(() => reduce(x, this.pooledAxes(x.rank), this.args.keepdims));
  }

  override computeOutputShape(inputShape: number[]): number[] {
    const pooled = this.pooledAxes(inputShape.length);
    return inputShape.flatMap((side, i) =>
      !pooled.includes(i) ? [side] : this.args.keepdims ? [1] : [],
    );
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.args };
  }

  private pooledAxes(rank: number): number[] {
    const first = this.args.dataFormat === 'channelsFirst' ? 2 : 1;
    return Array.from({ length: rank - 2 }, (_, i) => first + i);
  }
}

tf.serialization.registerClass(KerasGlobalPooling);
