import { binomialAtLeast, fewestInFavour } from './binomial-at-least.ts';
import { normalQuantile } from './normal-quantile.ts';

export interface SmallestDetectableOptions {
  /** Number of held-out images, an integer of at least 1. */
  images: number;
  /** Observed or assumed disagreement of the two classifiers, 0..1, see `discordance`. */
  discordance: number;
  /** Probability of finding an existing difference. Default 0.8. */
  power?: number;
  /**
   * Two-sided level of the test, in the open interval (0, 0.5); with a correction, that of a single
   * test. Default 0.05.
   */
  alpha?: number;
}

/**
 * Smallest true difference in accuracy that a paired test on this number of images finds with the
 * given power.
 *
 * With `psi` the discordance, `d` the difference, `n` the images and `z` normal quantiles, a paired
 * test needs
 *
 *     n = (z(1 - alpha/2) * sqrt(psi) + z(power) * sqrt(psi - d^2))^2 / d^2
 *
 * which is solved for `d`. No difference can exceed the discordance. If the solution would, the
 * observed disagreement is too small for a detectable difference; then the discordance is raised to
 * `d`, its smallest possible value. This is the normal approximation: the exact McNemar test is
 * more conservative and needs a difference larger by about a tenth on a few hundred images. With
 * few images another limit applies: `k` images that all favour the same classifier have p = 2^(1 -
 * k), so with fewer images than `alpha` requires, no difference is significant.
 *
 * Source: R. J. Connor, "Sample size for testing differences in proportions for the paired-sample
 * design", Biometrics 43 (1987).
 *
 * @returns the difference in 0..1; 1 if the images are too few for any.
 * @throws RangeError for a value outside its range.
 */
export function smallestDetectable({
  images,
  discordance,
  power = 0.8,
  alpha = 0.05,
}: SmallestDetectableOptions): number {
  if (!Number.isInteger(images) || images < 1)
    throw new RangeError(`images must be an integer of at least 1, got ${images}.`);
  if (!(discordance >= 0 && discordance <= 1))
    throw new RangeError(`discordance must be from 0 to 1, got ${discordance}.`);
  if (!(power >= 0.5 && power < 1))
    throw new RangeError(`power must be at least 0.5 and under 1, got ${power}.`);
  if (!(alpha > 0 && alpha < 0.5))
    throw new RangeError(`alpha must be between 0 and 0.5, got ${alpha}.`);
  const approximate = byNormal({ images, discordance, power, alpha });
  const needed = fewestInFavour(alpha);
  if (images < needed) return 1;
  const isSeen = (d: number): boolean => binomialAtLeast(needed, images, d) >= power;
  return isSeen(Math.max(approximate, discordance)) ? approximate : bisect(0, 1, isSeen);
}

function byNormal({
  images,
  discordance,
  power,
  alpha,
}: Required<SmallestDetectableOptions>): number {
  const zAlpha = normalQuantile(1 - alpha / 2);
  const zPower = normalQuantile(power);
  const root = images + zPower ** 2 - zAlpha ** 2;
  if (root >= 0) {
    const d =
      (Math.sqrt(discordance) * (zAlpha * Math.sqrt(images) + zPower * Math.sqrt(root))) /
      (images + zPower ** 2);
    if (d <= discordance && d > 0) return d;
  }
  // All discordant images favour the same classifier: psi = d. The missing power decreases with d.
  return bisect(discordance, 1, (d) => (zAlpha + zPower * Math.sqrt(1 - d)) ** 2 <= images * d);
}

/** The smallest value between two from which a condition is true; the high one if it never is. */
function bisect(low: number, high: number, holds: (value: number) => boolean): number {
  let [no, yes] = [low, high];
  for (let i = 0; i < 60; i++) {
    const middle = (no + yes) / 2;
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}
