/** Spans of 1 / (1 - momentum) steps, over which a moving average looks back, that a training should have. */
const ENOUGH_SPANS = 5;

export interface MovingStatistics {
  /** Name of the arm. */
  arm: string;
  /** Highest momentum of its norms; -Infinity where there are none. */
  momentum: number;
  /** Updates of the statistics. */
  steps: number;
}

/**
 * What is to be said of running statistics that so few steps cannot bring to where the weights are, undefined where there are enough.
 *
 * After n steps a moving average holds momentum ** n, about exp(-n (1 - momentum)), of what it began with; its last value is one of the weights
 * of some 1 / (1 - momentum) steps before. Under five such spans a good part of a training is in it.
 */
export function laggingWarning({ arm, momentum, steps }: MovingStatistics): string | undefined {
  if (!(steps * (1 - momentum) < ENOUGH_SPANS)) return undefined;
  const kept = 100 * momentum ** steps;
  const percent = kept < 10 ? kept.toPrecision(2) : kept.toFixed(0);
  return (
    `Arm "${arm}" has ${steps} ${steps === 1 ? 'step' : 'steps'}, too few for running statistics of batch normalisation with momentum ${momentum}: they keep ${percent} % of what they began ` +
    'with and lag behind the weights, so its accuracy can come out far too low. normStatistics "precise" (--norm-statistics precise) estimates them anew.'
  );
}
