/**
 * Number of spans of 1 / (1 - momentum) steps, the memory of a moving average, that a training
 * should have.
 */
const ENOUGH_SPANS = 5;

export interface MovingStatistics {
  /** Name of the arm. */
  arm: string;
  /** Highest momentum of its norms; -Infinity if there are none. */
  momentum: number;
  /** Updates of the statistics. */
  steps: number;
}

/**
 * Warning if running statistics have too few steps to follow the weights; undefined if there are
 * enough.
 *
 * After n steps a moving average keeps momentum ** n, about exp(-n (1 - momentum)), of its initial
 * value; its last value reflects the weights about 1 / (1 - momentum) steps earlier. With fewer
 * than five such spans, that is a large part of the training.
 */
export function laggingWarning({ arm, momentum, steps }: MovingStatistics): string | undefined {
  if (!(steps * (1 - momentum) < ENOUGH_SPANS)) return undefined;
  const kept = 100 * momentum ** steps;
  const percent = kept < 10 ? kept.toPrecision(2) : kept.toFixed(0);
  return (
    `Arm "${arm}" has ${steps} ${steps === 1 ? 'step' : 'steps'}, too few for running ` +
    `statistics with momentum ${momentum}: they keep ${percent} % of their initial values ` +
    'and lag behind the weights, so the accuracy can be far too low. normStatistics ' +
    '"precise" (--norm-statistics precise) re-estimates them.'
  );
}
