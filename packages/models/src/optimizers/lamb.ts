import * as tf from '@tensorflow/tfjs-core';
import { type LambScalar, lambSlot } from '../kernels/lamb-update.ts';
import type { OptimizerSlot } from '../kernels/optimizer-slot.ts';
import { MomentOptimizer, type MomentOptions } from './moment-optimizer.ts';

/** Options of {@link LAMB}; the defaults are timm's, except for the weight decay, which is 0. */
export interface LAMBOptions extends MomentOptions {
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
export class LAMB extends MomentOptimizer {
  static readonly className = 'LAMB';

  /** @throws FixresModelsError `bad-option` */
  constructor(learningRate = 0.001, options: LAMBOptions = {}) {
    super(learningRate, { epsilon: 1e-6, ...options });
  }

  protected override readonly decaysInUpdate: boolean = true;

  protected override makeSlot(variable: tf.Variable): OptimizerSlot<LambScalar> {
    return lambSlot(variable, this.decays(variable.name));
  }

  protected override constants(): Record<'beta1' | 'beta2' | 'epsilon' | 'weightDecay', tf.Scalar> {
    return { ...super.constants(), weightDecay: tf.scalar(this.weightDecay) };
  }
}
