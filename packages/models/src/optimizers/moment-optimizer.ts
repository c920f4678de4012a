import * as tf from '@tensorflow/tfjs-core';
import { checkOption } from '../check-option.ts';
import { type OptimizerOptions, SlotOptimizer } from './slot-optimizer.ts';

/** Options of optimisers that follow two moments of the gradient. */
export interface MomentOptions extends OptimizerOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  beta1?: number;
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Added to the square root of the second moment. */
  epsilon?: number;
}

/** What Adam and LAMB share: moments `m` and `v` of each variable, and the powers that correct them. */
export abstract class MomentOptimizer extends SlotOptimizer<
  'learningRate' | 'beta1Power' | 'beta2Power'
> {
  override readonly slotNames: readonly string[] = ['m', 'v'];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  /** @throws FixresModelsError `bad-option` */
  constructor(learningRate: number, options: MomentOptions & { epsilon: number }) {
    super(learningRate, options);
    const { beta1 = 0.9, beta2 = 0.999, epsilon } = options;
    checkOption(beta1 >= 0 && beta1 < 1, 'beta1', beta1, 'in [0, 1)');
    checkOption(beta2 >= 0 && beta2 < 1, 'beta2', beta2, 'in [0, 1)');
    checkOption(
      epsilon > 0 && Number.isFinite(epsilon),
      'epsilon',
      epsilon,
      'a finite number above 0',
    );
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  override stepScalars(): Record<'learningRate' | 'beta1Power' | 'beta2Power', number> {
    const step = this.iterations + 1;
    return {
      learningRate: this.learningRate,
      beta1Power: this.beta1 ** step,
      beta2Power: this.beta2 ** step,
    };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { learningRate, beta1, beta2, epsilon, weightDecay } = this;
    return { learningRate, beta1, beta2, epsilon, weightDecay };
  }

  protected override constants(): Record<'beta1' | 'beta2' | 'epsilon', tf.Scalar> {
    return {
      beta1: tf.scalar(this.beta1),
      beta2: tf.scalar(this.beta2),
      epsilon: tf.scalar(this.epsilon),
    };
  }
}
