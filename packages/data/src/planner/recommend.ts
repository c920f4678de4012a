import { policyLabel } from '../policies/policy-label.ts';
import type { TestCandidate } from './test-candidate.ts';

/** The recommended test policy, and why. */
export interface Recommendation extends TestCandidate {
  /** The reason as sentences for the user. */
  reason: string;
}

/**
 * Mean ratios within this factor of 1 count as matched: accuracy is flat there, and the steps of
 * the crop size are as coarse.
 */
const TOLERANCE = 1.1;
/** A crop that shows less of its image than this is cheap only because it sees too little. */
const LEAST_VISIBLE = 0.4;
/** A larger share of upsampled images than this is too much. */
const MOST_UPSAMPLED = 0.5;

/**
 * Chooses among the candidates and the matched policy by the FixRes criteria:
 *
 * 1. Objects must look as large as in training, because the network's features and pooled
 *    statistics are tuned to that: mean ratio from 1/1.1 to 1.1. Crops that show under 40 % of the
 *    image are excluded.
 * 2. If any remaining candidate upsamples at most half of the images, the others are excluded.
 *    Enlarged photos cost as much as large ones and contain no more detail.
 * 3. The fewest FLOPs win; among equals, the ratio nearest to 1.
 *
 * Larger test sizes can still gain accuracy after fine-tuning (Touvron et al. report 224 -> 384),
 * at a higher cost; that has to be measured.
 */
export function recommend(
  candidates: readonly TestCandidate[],
  matched: TestCandidate,
): Recommendation {
  const fitting = [...candidates, matched].filter(
    ({ ratio, visibleShare }) => isMatched(ratio.mean) && visibleShare >= LEAST_VISIBLE,
  );
  const sharp = fitting.filter(({ upsampledShare }) => upsampledShare <= MOST_UPSAMPLED);
  const pool = sharp.length > 0 ? sharp : fitting;
  const chosen = pool.reduce(
    (best, other) => (isBetter(other, best) ? other : best),
    pool[0] ?? matched,
  );
  return { ...chosen, reason: reasonFor(chosen, candidates) };
}

function isMatched(mean: number): boolean {
  return mean <= TOLERANCE && mean >= 1 / TOLERANCE;
}

function isBetter(a: TestCandidate, b: TestCandidate): boolean {
  if (a.relativeFlops !== b.relativeFlops) return a.relativeFlops < b.relativeFlops;
  return Math.abs(Math.log(a.ratio.mean)) < Math.abs(Math.log(b.ratio.mean));
}

function reasonFor(chosen: TestCandidate, candidates: readonly TestCandidate[]): string {
  const { ratio, relativeFlops, upsampledShare } = chosen;
  const nearness = isMatched(ratio.mean) ? '1 is matched' : 'the nearest to 1';
  const sentences = [
    `The mean apparent-size ratio is ${ratio.mean.toFixed(2)} (${nearness}), for ${relativeFlops.toFixed(1)} times the FLOPs of the train size.`,
  ];
  const others = candidates.filter(({ policy }) => policy !== chosen.policy);
  const large = others.filter(({ ratio: { mean } }) => mean > TOLERANCE);
  const small = others.filter(({ ratio: { mean } }) => mean < 1 / TOLERANCE);
  const dear = others.filter(
    (other) => isMatched(other.ratio.mean) && other.relativeFlops > relativeFlops,
  );
  if (small.length > 0)
    sentences.push(`Too small: ${list(small, ({ ratio: { mean } }) => mean.toFixed(2))}.`);
  if (large.length > 0)
    sentences.push(`Too large: ${list(large, ({ ratio: { mean } }) => mean.toFixed(2))}.`);
  if (dear.length > 0)
    sentences.push(
      `Also matched, but more FLOPs: ${list(dear, (other) => `${other.relativeFlops.toFixed(1)} times the FLOPs`)}.`,
    );
  if (upsampledShare > MOST_UPSAMPLED) {
    const part = `${Math.round(upsampledShare * 100)} %`;
    sentences.push(
      `${part} of the images must be enlarged; larger originals or a smaller train size would ` +
        'show more detail.',
    );
  }
  return sentences.join(' ');
}

function list(
  candidates: readonly TestCandidate[],
  value: (candidate: TestCandidate) => string,
): string {
  return candidates
    .map((candidate) => `${policyLabel(candidate.policy)} (${value(candidate)})`)
    .join(', ');
}
