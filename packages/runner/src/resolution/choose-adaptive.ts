import type { Policy } from '@fixres/data';
import {
  evaluationKey,
  mostProbable,
  type Predictions,
  wilsonInterval,
  stratifiedHalves,
} from '@fixres/runs';
import { FixresRunnerError } from '../errors.ts';
import { adaptiveThreshold, type TwoDecisions } from './adaptive-threshold.ts';
import type { ScoredPolicy } from './choose-resolution.ts';

export interface ChooseAdaptiveOptions {
  /** Unique names of the images; they determine the half of an image. */
  ids: readonly string[];
  /** Share of images whose decision must be that at the largest size, in (0, 1). */
  agreement: number;
  /** Cost of one image. */
  flopsOf: (policy: Policy) => number;
  /** Another seed gives other halves. Default 0. */
  seed?: number;
}

/** Accuracy and cost with one threshold, on the confirming half. */
export interface AdaptivePoint {
  threshold: number;
  /** Share of images that the small size decides. */
  small: number;
  /** Mean cost of an image relative to the large size alone. */
  flops: number;
  accuracy: number;
  /** Share of images whose decision is that at the large size. */
  agreement: number;
}

/** A small size before the largest one. */
export interface AdaptivePair {
  /** `<policy>@<size>` */
  key: string;
  /** Confidence above which the small size decides; 1: never. */
  threshold: number;
  /** Mean cost of an image relative to the large size alone, on the half that chooses. Not a result. */
  choosingFlops: number;
  /** On the half that confirms: with the threshold, and with others for a curve, cheapest first. */
  confirmed: AdaptivePoint;
  curve: AdaptivePoint[];
}

/** Result of a calibration. Plain data. */
export interface AdaptiveChoice {
  /** Key of the largest size, whose decisions are to be kept. */
  large: string;
  agreement: number;
  /** Probability that the promised agreement is kept. */
  confidence: number;
  images: { choosing: number; confirming: number };
  /** Smallest number of choosing images that can show the agreement at all. */
  imagesNeeded: number;
  /** Smallest size first. */
  pairs: AdaptivePair[];
  /** Key of the small size with the lowest mean cost; null if none is cheaper than the large one alone. */
  chosen: string | null;
  /** Accuracy of the large size alone on the confirming half. */
  largeAccuracy: number;
  /** Agreement of the chosen pair on the confirming half, with Wilson's 95 % interval; null without one. */
  ci95: [number, number] | null;
}

const LEVEL = 0.05;
/** Number of points of a curve. */
const POINTS = 41;

/**
 * Finds with which confidence a smaller size may decide instead of the largest one, on one half of the
 * images, and measures on the other what that costs and how often the decisions agree.
 *
 * With 95 % probability over the choosing half, a share of at least `agreement` of new images is decided
 * as at the large size; see `adaptiveThreshold` for the source and its assumptions. With several small
 * sizes, the level is divided among them (Bonferroni), because the cheapest is chosen on the same half.
 *
 * @param candidates at least two, with predictions on the same images in the same order
 * @throws FixresRunnerError `bad-option`
 */
export function chooseAdaptive(
  candidates: readonly ScoredPolicy[],
  { ids, agreement, flopsOf, seed = 0 }: ChooseAdaptiveOptions,
): AdaptiveChoice {
  if (!(agreement > 0 && agreement < 1))
    throw new FixresRunnerError(
      'bad-option',
      `Option "agreement" is ${agreement}; it must be between 0 and 1.`,
    );
  const ordered = candidates.toSorted((a, b) => flopsOf(a.policy) - flopsOf(b.policy));
  const large = ordered.at(-1);
  if (
    large === undefined ||
    ordered.length < 2 ||
    flopsOf(ordered[0]!.policy) >= flopsOf(large.policy)
  )
    throw new FixresRunnerError(
      'bad-option',
      'Option "candidates" needs at least two sizes, a smaller and a larger one.',
    );
  const halves = stratifiedHalves(ids, large.predictions.labels, seed);
  const smaller = ordered.filter(({ policy }) => flopsOf(policy) < flopsOf(large.policy));
  const level = LEVEL / smaller.length;
  const risk = 1 - agreement;
  const pairs = smaller.map(({ policy, predictions }): AdaptivePair => {
    const cost = flopsOf(policy) / flopsOf(large.policy);
    const on = (half: readonly number[]): Decided[] =>
      half.map((image) => decided(image, predictions, large.predictions));
    const choosing = on(halves.choosing);
    const confirming = on(halves.confirming);
    const threshold = adaptiveThreshold(choosing, { risk, level });
    const curve = thresholdsOf(confirming).map((each) => pointAt(each, confirming, cost));
    return {
      key: evaluationKey(policy),
      threshold,
      choosingFlops: pointAt(threshold, choosing, cost).flops,
      confirmed: pointAt(threshold, confirming, cost),
      curve,
    };
  });
  const best = pairs.reduce((a, b) => (b.choosingFlops < a.choosingFlops ? b : a));
  const chosen = best.choosingFlops < 1 ? best : null;
  const total = halves.confirming.length;
  const right = halves.confirming.filter((image) => large.predictions.correct[image] === 1).length;
  return {
    large: evaluationKey(large.policy),
    agreement,
    confidence: 1 - LEVEL,
    images: { choosing: halves.choosing.length, confirming: total },
    imagesNeeded: Math.ceil(Math.log(level) / Math.log1p(-risk)),
    pairs,
    chosen: chosen?.key ?? null,
    largeAccuracy: right / total,
    ci95: chosen && wilsonInterval(Math.round(chosen.confirmed.agreement * total), total),
  };
}

/** An image on which two sizes decided. */
interface Decided extends TwoDecisions {
  smallCorrect: boolean;
  largeCorrect: boolean;
}

function decided(image: number, small: Predictions, large: Predictions): Decided {
  const rowOf = ({ probabilities, classes }: Predictions): Float32Array =>
    probabilities.subarray(image * classes, (image + 1) * classes);
  const row = rowOf(small);
  const guess = mostProbable(row);
  return {
    confidence: row[guess]!,
    agrees: guess === mostProbable(rowOf(large)),
    smallCorrect: small.correct[image] === 1,
    largeCorrect: large.correct[image] === 1,
  };
}

function pointAt(threshold: number, images: readonly Decided[], cost: number): AdaptivePoint {
  const share = (of: (image: Decided) => boolean): number =>
    images.filter(of).length / images.length;
  const isSmall = ({ confidence }: Decided): boolean => confidence > threshold;
  const small = share(isSmall);
  return {
    threshold,
    small,
    // Where the small size may never decide, it need not run.
    flops: threshold >= 1 ? 1 : cost + (1 - small),
    accuracy: share((image) => (isSmall(image) ? image.smallCorrect : image.largeCorrect)),
    agreement: share((image) => image.agrees || !isSmall(image)),
  };
}

/** Thresholds that let evenly growing shares of the images be decided at the large size. */
function thresholdsOf(images: readonly Decided[]): number[] {
  const sorted = images.map(({ confidence }) => confidence).sort((a, b) => a - b);
  const thresholds = Array.from({ length: POINTS }, (_, i) =>
    i === 0 ? 0 : sorted[Math.ceil((i * sorted.length) / (POINTS - 1)) - 1]!,
  );
  return [...new Set(thresholds)];
}
