import { type ImageSize, imageSizeOf, type Policy } from '@fixres/data';
import { FixresRunnerError } from '../errors.ts';
import {
  comparePairs,
  evaluationKey,
  type Predictions,
  type Verdict,
  wilsonInterval,
  stratifiedHalves,
} from '@fixres/runs';
import { cheapestNotInferior, type NonInferiorChoice } from './cheapest-not-inferior.ts';

/** A test policy with the predictions of a model under it. */
export interface ScoredPolicy {
  policy: Policy;
  predictions: Predictions;
}

export interface ChooseResolutionOptions {
  /** Unique names of the images; they determine the half of an image. */
  ids: readonly string[];
  /**
   * Key (`<policy>@<size>`) of the candidate that the chosen one is compared with. Default: the
   * first candidate.
   */
  baseline?: string;
  /** Keys of candidates to compare with the baseline besides the chosen one. Default: none. */
  compare?: readonly string[] | undefined;
  /** Another seed gives other halves. Default 0. */
  seed?: number;
  /** Cost of one image, in any unit. Default: the pixels of the input, to which the FLOPs of a convolutional network are proportional. */
  flopsOf?: (policy: Policy) => number;
  /**
   * Also finds the cheapest candidate whose accuracy is not more than this below the best, in the
   * open interval (0, 1): 0.01 is one point. See `cheapestNotInferior`.
   */
  nonInferior?: number | undefined;
}

/** One size of a search. */
export interface ResolutionCandidate {
  /** `<policy>@<size>` */
  key: string;
  policy: string;
  size: ImageSize;
  /** FLOPs of one image relative to the baseline's. */
  flops: number;
  /**
   * Correct on the half that chooses. Not a result: the largest of several numbers is too large.
   */
  choosing: { correct: number; total: number };
  /** Correct on the half that confirms, with Wilson's 95 % interval. */
  confirming: { correct: number; total: number; accuracy: number; ci95: [number, number] };
}

/** A candidate compared with the baseline on the confirming half. */
export interface CandidateComparison {
  /** accuracy(candidate) - accuracy(baseline), -1..1. */
  difference: number;
  ci95: [number, number];
  p: number;
  /** `p` corrected by Holm, if several candidates are compared; all were fixed before these images were used. */
  pAdjusted: number;
  verdict: Verdict;
  /** Smallest difference (0..1) that the confirming half could have shown with 80 % power. */
  smallestDetectable: number;
}

/** Result of a search. Plain data. */
export interface ResolutionChoice {
  /** In the given order. */
  candidates: ResolutionCandidate[];
  /**
   * Key of the candidate with the highest accuracy on the choosing half; with equal accuracy, the
   * cheapest.
   */
  chosen: string;
  baseline: string;
  /** Accuracy of the chosen one, on the confirming half only. */
  accuracy: number;
  ci95: [number, number];
  /**
   * The chosen one compared with the baseline on the confirming half, image by image. `null` if the
   * baseline was chosen.
   */
  comparison: CandidateComparison | null;
  /** The candidates of `compare` against the baseline, likewise, without those already compared. */
  others: (CandidateComparison & { key: string })[];
  /** The cheapest candidate that is not worse than the best, with `nonInferior`; otherwise `null`. */
  nonInferior: NonInferiorChoice | null;
}

/**
 * Chooses a test resolution on one half of the held-out images and confirms it on the other,
 * because the best of several sizes looks better than it is on the images that it was chosen on.
 *
 * @param candidates predictions of one model on the same images in the same order, with at least
 * two images per class for fair halves
 * @throws FixresRunnerError `bad-option` for candidates that are missing, repeated or of different
 * images, and an unknown baseline
 */
export function chooseResolution(
  candidates: readonly ScoredPolicy[],
  {
    ids,
    baseline: baselineKey,
    compare = [],
    seed = 0,
    flopsOf = pixels,
    nonInferior,
  }: ChooseResolutionOptions,
): ResolutionChoice {
  const keyed = candidates.map(({ policy, predictions }) => ({
    key: evaluationKey(policy),
    policy,
    predictions,
  }));
  const keys = keyed.map(({ key }) => key);
  checkCandidates(
    keys,
    keyed.map(({ predictions }) => predictions.labels.length),
    ids,
  );
  checkMargin(nonInferior, keys);
  const unknown = compare.find((key) => !keys.includes(key));
  if (unknown !== undefined)
    throw new FixresRunnerError(
      'bad-option',
      `Option "compare" has "${unknown}"; allowed are the candidates ${keys.join(', ')}.`,
    );
  const wanted = baselineKey ?? keys[0];
  const base = keyed.find(({ key }) => key === wanted);
  if (base === undefined) {
    throw new FixresRunnerError(
      'bad-option',
      `Option "baseline" is "${wanted}"; allowed are the candidates ${keys.join(', ')}.`,
    );
  }

  const halves = stratifiedHalves(ids, strataOf(base.predictions), seed);
  const on = (half: readonly number[], { correct }: Predictions): Uint8Array =>
    Uint8Array.from(half, (image) => correct[image]!);
  const scored = keyed.map(({ key, policy, predictions }): ResolutionCandidate => {
    const [choosing, confirming] = [
      count(on(halves.choosing, predictions)),
      count(on(halves.confirming, predictions)),
    ];
    const total = halves.confirming.length;
    return {
      key,
      policy: policy.name,
      size: imageSizeOf(policy.output),
      flops: flopsOf(policy) / flopsOf(base.policy),
      choosing: { correct: choosing, total: halves.choosing.length },
      confirming: {
        correct: confirming,
        total,
        accuracy: confirming / total,
        ci95: wilsonInterval(confirming, total),
      },
    };
  });
  const chosen = scored.toSorted(
    (a, b) => b.choosing.correct - a.choosing.correct || a.flops - b.flops,
  )[0]!;
  const { accuracy, ci95 } = chosen.confirming;
  const halved = keyed.map(({ key, predictions }, i) => ({
    key,
    flops: scored[i]!.flops,
    choosing: on(halves.choosing, predictions),
    confirming: on(halves.confirming, predictions),
  }));
  const result = {
    candidates: scored,
    chosen: chosen.key,
    baseline: base.key,
    accuracy,
    ci95,
    nonInferior:
      nonInferior === undefined ? null : cheapestNotInferior(halved, chosen.key, nonInferior),
  };
  const tested = [...new Set([chosen.key, ...compare])].filter((key) => key !== base.key);
  const rows = new Map(halved.map(({ key, confirming }) => [key, [confirming]]));
  const compared = comparePairs(
    tested.map((key) => ({ a: rows.get(key)!, b: rows.get(base.key)! })),
    { seed },
  ).map(({ difference, ci95: range, p, pAdjusted, verdict, smallestDetectable }, i) => ({
    key: tested[i]!,
    comparison: { difference, ci95: range, p, pAdjusted, verdict, smallestDetectable },
  }));
  return {
    ...result,
    comparison: compared.find(({ key }) => key === chosen.key)?.comparison ?? null,
    others: compared
      .filter(({ key }) => key !== chosen.key)
      .map(({ key, comparison }) => ({ key, ...comparison })),
  };
}

/** The label of each image; of multi-label images, the number of its set of labels. */
function strataOf({ labels, targets, classes }: Predictions): ArrayLike<number> {
  if (targets === undefined) return labels;
  const sets = new Map<string, number>();
  return Array.from(labels, (_, image) => {
    const key = targets.subarray(image * classes, (image + 1) * classes).join('');
    const stratum = sets.get(key) ?? sets.size;
    sets.set(key, stratum);
    return stratum;
  });
}

function checkCandidates(
  keys: readonly string[],
  images: readonly number[],
  ids: readonly string[],
): void {
  const bad = (message: string): never => {
    throw new FixresRunnerError('bad-option', message);
  };
  if (keys.length === 0) bad('Option "candidates" is empty; it must contain at least one policy.');
  const repeated = keys.find((key, i) => keys.indexOf(key) !== i);
  if (repeated !== undefined)
    bad(`Option "candidates" contains ${repeated} twice; each must be another policy or size.`);
  const other = images.find((count) => count !== ids.length);
  if (other !== undefined)
    bad(
      `Option "candidates" contains predictions on ${other} images, but there are ` +
        `${ids.length} names of images.`,
    );
  if (ids.length < 2) bad(`Option "ids" names ${ids.length} images; two halves need at least 2.`);
  if (new Set(ids).size < ids.length)
    bad('Option "ids" contains a name twice; names must be unique.');
}

function checkMargin(margin: number | undefined, keys: readonly string[]): void {
  if (margin === undefined) return;
  if (!(margin > 0 && margin < 1))
    throw new FixresRunnerError(
      'bad-option',
      `Option "nonInferior" is ${margin}; it must be between 0 and 1.`,
    );
  if (keys.length < 2)
    throw new FixresRunnerError(
      'bad-option',
      'Option "nonInferior" needs at least two candidates to compare.',
    );
}

function pixels({ output }: Policy): number {
  return output.width * output.height;
}

function count(correct: Uint8Array): number {
  return correct.reduce((sum, one) => sum + one, 0);
}
