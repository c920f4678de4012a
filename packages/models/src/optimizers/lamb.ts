import * as tf from '@tensorflow/tfjs-core';
import { checkOption } from '../check-option.ts';
import { type LambScalar, lambSlot } from '../kernels/lamb-update.ts';
import type { OptimizerSlot } from '../kernels/optimizer-slot.ts';
import { type OptimizerOptions, SlotOptimizer } from './slot-optimizer.ts';

/** Options of {@link LAMB}; the defaults are timm's, except for the weight decay, which is 0. */
export interface LAMBOptions extends OptimizerOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  beta1?: number;
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Added to the square root of the corrected second moment. Default 1e-6. */
  epsilon?: number;
}

/**
 * LAMB (You et al. 2020, "Large Batch Optimization for Deep Learning") as in timm's `Lamb`: Adam's
 * direction plus weight decay, scaled to the norm of each variable. The weight decay is part of
 * that direction, and variables that do not decay (`excludeFromDecay`, or no weight decay at all)
 * are not scaled either.
 *
 * timm also clips the global norm of the gradients to 1 before the step, by default; use
 * `clipGradients` for that.
 */
export class LAMB extends SlotOptimizer<'learningRate' | 'beta1Power' | 'beta2Power'> {
  static readonly className = 'LAMB';

  override readonly slotNames: readonly string[] = ['m', 'v'];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  /** @throws FixresModelsError `bad-option` */
  constructor(learningRate = 0.001, options: LAMBOptions = {}) {
    super(learningRate, options);
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-6 } = options;
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

  protected override readonly decaysInUpdate: boolean = true;

  protected override makeSlot(variable: tf.Variable): OptimizerSlot<LambScalar> {
    return lambSlot(variable, this.decays(variable.name));
  }

  protected override constants(): Record<'beta1' | 'beta2' | 'epsilon' | 'weightDecay', tf.Scalar> {
    return {
      beta1: tf.scalar(this.beta1),
      beta2: tf.scalar(this.beta2),
      epsilon: tf.scalar(this.epsilon),
      weightDecay: tf.scalar(this.weightDecay),
    };
  }
}
