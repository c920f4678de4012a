import { differenceLowerBound, normalQuantile } from '@fixres/runs';

/** A candidate with its correctness, 1 or 0, on both halves of the images. */
export interface HalvedCandidate {
  key: string;
  /** Cost of one image, relative to the baseline's. */
  flops: number;
  choosing: Uint8Array;
  confirming: Uint8Array;
}

/** A candidate compared with the one that it is furthest below, on the confirming half. */
export interface NonInferiorityTest {
  key: string;
  flops: number;
  /** The other candidate that leaves the lowest bound. */
  against: string;
  /** accuracy(key) - accuracy(against), -1..1. */
  difference: number;
  /** One-sided 95 % lower bound of the difference, by Tango's score test. */
  lowerBound: number;
  /** Whether the candidate is shown to be not inferior: the bound is above -margin. */
  isShown: boolean;
  /**
   * Number of confirming images with which an equally good candidate would be shown with 80 % power,
   * in the comparison with `against`.
   */
  imagesNeeded: number;
}

/** The cheapest candidate that is not inferior to the best one. Plain data. */
export interface NonInferiorChoice {
  /** Largest difference in accuracy that does not matter, 0..1. */
  margin: number;
  /** Number of images in the confirming half. */
  images: number;
  /** Candidates in the order of their tests, from the most expensive to the cheapest; testing stops at the first that is not shown. */
  tests: NonInferiorityTest[];
  /** Cheaper candidates that were not tested, because they were below the best by more than the margin on the choosing half. */
  leftOut: string[];
  /** Key of the cheapest candidate that is shown to be not inferior; null if none is. */
  chosen: string | null;
}

const CONFIDENCE = 0.95;
const POWER = 0.8;

/**
 * Finds the cheapest candidate whose accuracy is not more than a margin below that of any other
 * candidate, with 95 % confidence.
 *
 * The choosing half decides what is tested and in which order: the most accurate candidate and the
 * cheaper ones within the margin of it, from the most expensive to the cheapest. On the confirming
 * half each is compared with every other candidate, and is shown to be not inferior if all
 * one-sided 95 % bounds are above -margin. Nothing is corrected twice:
 *
 * - All comparisons of a candidate must succeed, so each may use the full level (intersection-union
 *   test; R. L. Berger, Technometrics 24, 1982).
 * - Candidates are tested in an order that was fixed without the confirming half, until the first
 *   that is not shown (fixed-sequence test; W. Maurer, L. Hothorn and W. Lehmacher, in "Biometrie in
 *   der chemisch-pharmazeutischen Industrie" 6, 1995). The chance of any wrong statement stays 5 %.
 *
 * @param candidates at least two
 * @param best key of the most accurate candidate on the choosing half
 * @param margin largest difference in accuracy that does not matter, in the open interval (0, 1)
 */
export function cheapestNotInferior(
  candidates: readonly HalvedCandidate[],
  best: string,
  margin: number,
): NonInferiorChoice {
  const leader = candidates.find(({ key }) => key === best)!;
  const below = ({ choosing }: HalvedCandidate): number =>
    (total(leader.choosing) - total(choosing)) / choosing.length;
  const cheaper = candidates
    .filter((each) => each !== leader && each.flops < leader.flops)
    .toSorted((a, b) => b.flops - a.flops);
  const promising = [leader, ...cheaper.filter((each) => below(each) <= margin)];
  const tests: NonInferiorityTest[] = [];
  for (const candidate of promising) {
    const test = testAgainstAll(candidate, candidates, margin);
    tests.push(test);
    if (!test.isShown) break;
  }
  return {
    margin,
    images: leader.confirming.length,
    tests,
    leftOut: cheaper.filter((each) => below(each) > margin).map(({ key }) => key),
    chosen: tests.findLast(({ isShown }) => isShown)?.key ?? null,
  };
}

function testAgainstAll(
  candidate: HalvedCandidate,
  candidates: readonly HalvedCandidate[],
  margin: number,
): NonInferiorityTest {
  const bounds = candidates
    .filter((each) => each !== candidate)
    .map((other) => {
      const counts = discordantCounts(candidate.confirming, other.confirming);
      return { other, counts, lowerBound: differenceLowerBound(counts, CONFIDENCE) };
    });
  const worst = bounds.reduce((a, b) => (b.lowerBound < a.lowerBound ? b : a));
  const { onlyA, onlyB, images } = worst.counts;
  return {
    key: candidate.key,
    flops: candidate.flops,
    against: worst.other.key,
    difference: (onlyA - onlyB) / images,
    lowerBound: worst.lowerBound,
    isShown: worst.lowerBound > -margin,
    imagesNeeded: imagesToShow((onlyA + onlyB) / images, margin),
  };
}

/** Sample size of a one-sided paired test, for two candidates that are equally good. */
function imagesToShow(discordance: number, margin: number): number {
  const z = normalQuantile(CONFIDENCE) + normalQuantile(POWER);
  return Math.ceil((z ** 2 * Math.max(discordance, margin)) / margin ** 2);
}

function discordantCounts(
  a: Uint8Array,
  b: Uint8Array,
): { onlyA: number; onlyB: number; images: number } {
  let [onlyA, onlyB] = [0, 0];
  a.forEach((value, i) => {
    if (value > b[i]!) onlyA++;
    if (value < b[i]!) onlyB++;
  });
  return { onlyA, onlyB, images: a.length };
}

function total(correct: Uint8Array): number {
  return correct.reduce((sum, one) => sum + one, 0);
}
