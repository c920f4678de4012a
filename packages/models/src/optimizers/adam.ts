import type * as tf from '@tensorflow/tfjs-core';
import { adamSlot, type AdamScalar } from '../kernels/adam-update.ts';
import type { OptimizerSlot } from '../kernels/optimizer-slot.ts';
import { MomentOptimizer, type MomentOptions } from './moment-optimizer.ts';

/** Options of {@link Adam}; the defaults are Keras's. */
export interface AdamOptions extends MomentOptions {
  /**
   * Added to the square root of the uncorrected second moment ("epsilon hat" of the paper). Default
   * 1e-7.
   */
  epsilon?: number;
}

/**
 * Adam (Kingma and Ba 2015) exactly as in Keras 3; tfjs's own adds epsilon after the bias
 * correction. With `weightDecay` it is Keras's AdamW.
 */
export class Adam extends MomentOptimizer {
  static readonly className = 'Adam';

  /** @throws FixresModelsError `bad-option` */
  constructor(learningRate = 0.001, options: AdamOptions = {}) {
    super(learningRate, { epsilon: 1e-7, ...options });
  }

  protected override makeSlot(variable: tf.Variable): OptimizerSlot<AdamScalar> {
    return adamSlot(variable);
  }
}
