/** One update of a range test. */
export interface RatePoint {
  learningRate: number;
  /** Mean loss of the batch before the update. */
  loss: number;
  /** Exponential moving average of the loss so far, with bias correction. */
  smoothed: number;
}

/** Fraction of the moving average that stays at each update, as in fastai. */
const MOMENTUM = 0.98;

/** A loss this many times the lowest one so far has diverged, as in fastai. */
const DIVERGED = 4;

/** The losses of a learning rate that grows exponentially (Smith 2017), as fastai records them. */
export class RateCurve {
  readonly points: RatePoint[] = [];
  #sum = 0;
  #best = Infinity;

  /** @returns whether the loss has diverged: it is not finite, or its average is four times the lowest */
  add(learningRate: number, loss: number): boolean {
    if (!Number.isFinite(loss)) return true;
    this.#sum = MOMENTUM * this.#sum + (1 - MOMENTUM) * loss;
    const smoothed = this.#sum / (1 - MOMENTUM ** (this.points.length + 1));
    this.points.push({ learningRate, loss, smoothed });
    this.#best = Math.min(this.#best, smoothed);
    return smoothed > DIVERGED * this.#best;
  }
}

/** Points at the end that are left out, as in fastai: there the loss rises. */
const LAST = 5;

/** Part of the whole fall after which the loss counts as falling. */
const BEGUN = 0.1;

/**
 * The learning rate at which the smoothed loss falls most steeply against the logarithm of the rate,
 * without the first tenth of the planned updates and the last five, as fastai's `steep`. Unlike there,
 * only the fall itself counts: from the last point near the level of the low rates (the median of
 * the first fifth) to the lowest point. Otherwise the noise of single batches at low rates is
 * often steeper.
 *
 * @param updates planned number of updates
 * @returns undefined if there are too few points, or the loss never falls
 */
export function steepestRate(points: readonly RatePoint[], updates: number): number | undefined {
  const skipped = Math.floor(updates / 10);
  const used = points.slice(skipped, -LAST);
  const low = used.slice(0, Math.max(1, Math.floor(updates / 5) - skipped));
  const level = low.map(({ smoothed }) => smoothed).sort((a, b) => a - b)[low.length >> 1];
  const lowest = Math.min(...used.map(({ smoothed }) => smoothed));
  if (level === undefined || !(lowest < level)) return undefined;
  const end = used.findIndex(({ smoothed }) => smoothed === lowest);
  const high = level - BEGUN * (level - lowest);
  const start = used.slice(0, end).findLastIndex(({ smoothed }) => smoothed >= high);
  const fall = used.slice(Math.max(0, start), end + 1);
  let best: { rate: number; slope: number } | undefined;
  for (const [i, { learningRate: rate, smoothed }] of fall.slice(0, -1).entries()) {
    const next = fall[i + 1]!;
    const slope = (next.smoothed - smoothed) / Math.log(next.learningRate / rate);
    if (slope < (best?.slope ?? 0)) best = { rate, slope };
  }
  return best?.rate;
}
