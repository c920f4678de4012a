import * as tf from '@tensorflow/tfjs-core';
import { checkOption } from '../check-option.ts';
import type { OptimizerSlot } from '../kernels/optimizer-slot.ts';
import { type RMSpropScalar, rmspropSlot } from '../kernels/rmsprop-update.ts';
import { type OptimizerOptions, SlotOptimizer } from './slot-optimizer.ts';

/** Options of {@link RMSprop}; the defaults are Keras's. */
export interface RMSpropOptions extends OptimizerOptions {
  /** Decay of the mean square, in [0, 1). Default 0.9. */
  rho?: number;
  /** Fraction of the velocity that is kept, in [0, 1). Default 0. */
  momentum?: number;
  /** Added to the mean square, inside the square root. Default 1e-7. */
  epsilon?: number;
  /**
   * Mean square before the first step, at least 0. 1 makes it timm's `RMSpropTF`, the first
   * TensorFlow's. Default 0.
   */
  initialAccumulator?: number;
}

/**
 * RMSprop as in Keras 3: epsilon is inside the square root, and the learning rate is part of the
 * velocity. torch's has both outside.
 */
export class RMSprop extends SlotOptimizer<'learningRate'> {
  static readonly className = 'RMSprop';

  override readonly slotNames: readonly string[];
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly initialAccumulator: number;

  /** @throws FixresModelsError `bad-option` */
  constructor(learningRate = 0.001, options: RMSpropOptions = {}) {
    super(learningRate, options);
    const { rho = 0.9, momentum = 0, epsilon = 1e-7, initialAccumulator = 0 } = options;
    checkOption(rho >= 0 && rho < 1, 'rho', rho, 'in [0, 1)');
    checkOption(momentum >= 0 && momentum < 1, 'momentum', momentum, 'in [0, 1)');
    checkOption(
      epsilon > 0 && Number.isFinite(epsilon),
      'epsilon',
      epsilon,
      'a finite number above 0',
    );
    checkOption(
      initialAccumulator >= 0 && Number.isFinite(initialAccumulator),
      'initialAccumulator',
      initialAccumulator,
      'a finite number of at least 0',
    );
    this.rho = rho;
    this.momentum = momentum;
    this.epsilon = epsilon;
    this.initialAccumulator = initialAccumulator;
    this.slotNames = momentum > 0 ? ['velocity', 'momentum'] : ['velocity'];
  }

  override stepScalars(): Record<'learningRate', number> {
    return { learningRate: this.learningRate };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { learningRate, rho, momentum, epsilon, initialAccumulator, weightDecay } = this;
    return { learningRate, rho, momentum, epsilon, initialAccumulator, weightDecay };
  }

  protected override makeSlot(variable: tf.Variable): OptimizerSlot<RMSpropScalar> {
    return rmspropSlot(variable, this.initialAccumulator, this.momentum > 0);
  }

  protected override constants(): Record<'rho' | 'momentum' | 'epsilon', tf.Scalar> {
    return {
      rho: tf.scalar(this.rho),
      momentum: tf.scalar(this.momentum),
      epsilon: tf.scalar(this.epsilon),
    };
  }
}
