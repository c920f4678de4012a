import * as tf from '@tensorflow/tfjs-core';
import { type MomentumScalar, momentumSlot } from '../kernels/momentum-update.ts';
import type { OptimizerSlot } from '../kernels/optimizer-slot.ts';
import { checkOption } from '../check-option.ts';
import { type OptimizerOptions, SlotOptimizer } from './slot-optimizer.ts';

/** Options of {@link SGD}; the defaults are Keras's. */
export interface SGDOptions extends OptimizerOptions {
  /** Fraction of the velocity that is kept, in [0, 1). Default 0. */
  momentum?: number;
  /** Nesterov's momentum. Default false. */
  nesterov?: boolean;
  /**
   * Coupled weight decay, the `weight_decay` of torch's SGD: gradient += l2 * variable.
   * `excludeFromDecay` applies to it too. Cannot be combined with `weightDecay`. Default 0.
   */
  l2?: number;
}

/**
 * Gradient descent with momentum as in Keras 3: the learning rate is part of the velocity, so a
 * change of the rate takes effect gradually. (torch multiplies by the rate afterwards; both are
 * equal while the rate is constant.)
 */
export class SGD extends SlotOptimizer<'learningRate'> {
  static readonly className = 'SGD';

  override readonly slotNames: readonly string[];
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly l2: number;

  /** @throws FixresModelsError `bad-option` */
  constructor(learningRate = 0.01, options: SGDOptions = {}) {
    super(learningRate, options);
    const { momentum = 0, nesterov = false, l2 = 0 } = options;
    checkOption(momentum >= 0 && momentum < 1, 'momentum', momentum, 'in [0, 1)');
    checkOption(l2 >= 0 && Number.isFinite(l2), 'l2', l2, 'a finite number of at least 0');
    checkOption(l2 === 0 || this.weightDecay === 0, 'l2', l2, '0 when weightDecay is given');
    checkOption(!nesterov || momentum > 0, 'nesterov', nesterov, 'false without momentum');
    this.momentum = momentum;
    this.nesterov = nesterov;
    this.l2 = l2;
    this.slotNames = momentum > 0 ? ['momentum'] : [];
  }

  override stepScalars(): Record<'learningRate', number> {
    return { learningRate: this.learningRate };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { learningRate, momentum, nesterov, weightDecay, l2 } = this;
    return { learningRate, momentum, nesterov, weightDecay, l2 };
  }

  protected override makeSlot(variable: tf.Variable): OptimizerSlot<MomentumScalar> {
    return this.momentum > 0 ? momentumSlot(variable, this.nesterov) : withoutState;
  }

  protected override constants(): Record<'momentum', tf.Scalar> {
    return { momentum: tf.scalar(this.momentum) };
  }

  protected override regularize(variable: tf.Variable, gradient: tf.Tensor): tf.Tensor {
    return this.l2 === 0 ? gradient : tf.add(gradient, tf.mul(variable, tf.scalar(this.l2)));
  }
}

/** Plain gradient descent: the variable changes by -learningRate times the gradient. */
const withoutState: OptimizerSlot<MomentumScalar> = {
  update(variable, gradient, { learningRate }) {
    tf.tidy(() => variable.assign(tf.sub(variable, tf.mul(gradient, learningRate))));
  },
  read: () => [],
  write: () => undefined,
  dispose: () => undefined,
};
