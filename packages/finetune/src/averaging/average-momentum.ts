import { refuse } from '../errors.ts';

/** How weights are averaged. Plain data. */
export interface WeightAverageSettings {
  /**
   * Fraction of the average that is kept at an update, in [0, 1). Default 0.999. (Keras's default
   * is 0.99, timm's 0.9999.)
   */
  momentum?: number;
  /**
   * Increases the momentum from 0 as `1 - (1 + updates / gamma) ** -power` until it reaches
   * `momentum`, like the warm-up of timm's ModelEmaV3; `true` uses its defaults. A short training
   * needs this, because otherwise the first weights count as much as all later ones. Default true.
   */
  warmUp?: boolean | { gamma?: number; power?: number };
  /**
   * How to treat the running statistics of batch normalisation, see `WeightAverage`. Default
   * `average`.
   */
  statistics?: 'average' | 'keep';
}

/**
 * The momentum of an update. It is 0 at the first update, so the average starts with the weights
 * (as in Keras 3 and timm).
 *
 * @param updates number of updates before this one.
 */
export function averageMomentum(
  { momentum = 0.999, warmUp = true }: WeightAverageSettings,
  updates: number,
): number {
  if (updates === 0) return 0;
  if (warmUp === false) return momentum;
  const { gamma = 1, power = 2 / 3 } = warmUp === true ? {} : warmUp;
  return Math.min(1 - (1 + updates / gamma) ** -power, momentum);
}

/** @throws FixresFinetuneError `bad-option` */
export function checkAverageSettings({
  momentum,
  warmUp,
  statistics,
}: WeightAverageSettings): void {
  if (momentum !== undefined && !(momentum >= 0 && momentum < 1))
    refuse('bad-option', 'momentum', momentum, 'a number of at least 0, under 1');
  const isRecord = typeof warmUp === 'object' && (warmUp as unknown) !== null;
  if (warmUp !== undefined && typeof warmUp !== 'boolean' && !isRecord) {
    refuse('bad-option', 'warmUp', warmUp, 'true, false, or gamma and power');
  }
  for (const [field, value] of isRecord ? Object.entries(warmUp) : []) {
    if (!(value > 0 && Number.isFinite(value)))
      refuse('bad-option', `warmUp.${field}`, value, 'a finite number above 0');
  }
  if (statistics !== undefined && !['average', 'keep'].includes(statistics)) {
    refuse('bad-option', 'statistics', statistics, 'one of average, keep');
  }
}
