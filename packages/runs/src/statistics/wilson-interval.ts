import { normalQuantile } from './normal-quantile.ts';

/**
 * Wilson score interval of a proportion. It keeps its coverage for small samples and near 0 and 1,
 * where the textbook interval `p +- z * se` fails.
 *
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
 * JASA 22 (1927).
 *
 * @param correct number of successes in 0..total; a mean over seeds can be fractional.
 * @param total number of trials, an integer of at least 1.
 * @param confidence in the open interval (0, 1).
 * @returns `[lo, hi]`, both in 0..1.
 * @throws RangeError for counts or a confidence outside these ranges.
 */
export function wilsonInterval(
  correct: number,
  total: number,
  confidence = 0.95,
): [number, number] {
  if (!Number.isInteger(total) || total < 1)
    throw new RangeError(`total must be an integer of at least 1, got ${total}.`);
  if (!(correct >= 0 && correct <= total))
    throw new RangeError(`correct must be from 0 to ${total}, got ${correct}.`);
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`confidence must be between 0 and 1, got ${confidence}.`);
  const z = normalQuantile((1 + confidence) / 2);
  const p = correct / total;
  const shrink = 1 + (z * z) / total;
  const centre = (p + (z * z) / (2 * total)) / shrink;
  const half = (z * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total))) / shrink;
  // The ends are exact in theory; rounding would leave them at 1e-17.
  return [
    correct === 0 ? 0 : Math.max(0, centre - half),
    correct === total ? 1 : Math.min(1, centre + half),
  ];
}
