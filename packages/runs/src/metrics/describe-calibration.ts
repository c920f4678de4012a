import { createRandom } from '@fixres/data';
import type { SpreadOverSeeds } from '../events/events.ts';
import { quantile } from '../statistics/bootstrap-interval.ts';
import { spreadOverSeeds } from '../statistics/over-seeds.ts';
import { stratifiedHalves } from '../statistics/stratified-halves.ts';
import { calibrationBin } from './calibration.ts';
import {
  type BinContents,
  debiasedCalibrationError,
  imagesIn,
} from './debiased-calibration-error.ts';
import { negativeLogLikelihood } from './negative-log-likelihood.ts';
import type { Predictions } from './predictions.ts';
import { fitTemperature, withTemperature } from './temperature.ts';

/** Calibration of the models of some seeds on the same images. */
export interface CalibrationQuality {
  /** Expected calibration error with 15 bins of equal width, mean over seeds, 0..1. */
  ece: number;
  /** With less of the bias that chance adds; see `debiasedCalibrationError`. Can be below 0. */
  debiasedEce: number;
  /** 95 % interval of the debiased error, 0..1. */
  ci95: [number, number];
  /** Negative log-likelihood in nats, mean over seeds. */
  nll: number;
}

/** Calibration as trained, and after temperature scaling. */
export interface CalibrationDescription {
  images: number;
  asTrained: CalibrationQuality;
  /**
   * With the temperature that was fitted on the other half of the images, so that no image is scored
   * with a temperature that its own label decided.
   */
  scaled: CalibrationQuality;
  /** Fitted on all images, one per seed: the one to use. */
  temperature: SpreadOverSeeds;
  /** `scaled - asTrained` of the debiased error, with a 95 % interval. */
  change: { difference: number; ci95: [number, number] };
}

export interface CalibrationOptions {
  /** Unique names of the images, which decide their halves. */
  ids: readonly string[];
  /** Number of resamples, at least 100. Default 2000, and fewer of many images. */
  resamples?: number;
  /** Of the halves and of the resamples. Default 0. */
  seed?: number;
}

/**
 * Describes how well the confidences of models fit their accuracy, before and after temperature
 * scaling (Guo et al. 2017).
 *
 * Intervals are 1.96 standard errors wide on each side, by the bootstrap over images. An error cannot be
 * below 0, and near 0 the estimate is too large. So the interval begins at 0 unless the observed
 * plug-in error is among the largest 2.5 % of those of perfectly calibrated models with the same
 * confidences (consistency resampling: J. Broecker and L. Smith, "Increasing the reliability of
 * reliability diagrams", Weather and Forecasting 22, 2007). Temperatures, and seeds, stay as they are.
 *
 * @param seeds predictions on the same images, at least one and at least two images
 */
export function describeCalibration(
  seeds: readonly Predictions[],
  { ids, seed = 0, resamples = resamplesFor(ids.length) }: CalibrationOptions,
): CalibrationDescription {
  const { labels } = seeds[0]!;
  const { choosing, confirming } = stratifiedHalves(ids, labels, seed);
  const isChoosing = new Set(choosing);
  const scaled = seeds.map((predictions) => {
    // An image alone has no other half.
    const fit = (half: readonly number[]): number =>
      half.length === 0 ? 1 : fitTemperature(predictions, half);
    const [ofChoosing, ofConfirming] = [fit(confirming), fit(choosing)];
    return withTemperature(predictions, (image) =>
      isChoosing.has(image) ? ofChoosing : ofConfirming,
    );
  });
  const before = binned(seeds);
  const after = binned(scaled);
  const [plugIn, plugInAfter] = [before, after].map((each) => meanError(each, ece));
  const [debiased, debiasedAfter] = [before, after].map((each) =>
    meanError(each, debiasedCalibrationError),
  );
  const draws = [0, 1, 2].map(() => new Float64Array(resamples));
  const perfect = [0, 1].map(() => new Float64Array(resamples));
  const random = createRandom(seed, 'calibration');
  const counts = new Int32Array(labels.length);
  const chances = new Float64Array(labels.length);
  const isCorrect = new Uint8Array(labels.length);
  for (let r = 0; r < resamples; r++) {
    counts.fill(0);
    for (const _ of labels) counts[random.int(counts.length)]!++;
    const [one, other] = [before, after].map((each) =>
      meanError(each, debiasedCalibrationError, counts),
    );
    draws[0]![r] = one!;
    draws[1]![r] = other!;
    draws[2]![r] = other! - one!;
    // Each image has the same chance under all seeds: they err on the same images.
    for (let i = 0; i < chances.length; i++) chances[i] = random.next();
    for (const [k, each] of [before, after].entries()) {
      let sum = 0;
      for (const { bins, confidences } of each) {
        // A perfectly calibrated model is correct with the probability that it states.
        for (let i = 0; i < chances.length; i++)
          isCorrect[i] = Number(chances[i]! < confidences[i]!);
        sum += ece(fillBins({ bins, confidences, correct: isCorrect }));
      }
      perfect[k]![r] = sum / each.length;
    }
  }
  const quality = (
    predictions: readonly Predictions[],
    errors: { ece: number; debiasedEce: number; draws: Float64Array; perfect: Float64Array },
  ): CalibrationQuality => {
    const [low, high] = normalInterval(errors.debiasedEce, errors.draws);
    const isPerfect = errors.ece <= quantile(errors.perfect.toSorted(), 0.975);
    return {
      ece: errors.ece,
      debiasedEce: errors.debiasedEce,
      ci95: [isPerfect ? 0 : limited(low), limited(high)],
      nll: mean(predictions.map(negativeLogLikelihood)),
    };
  };
  const difference = debiasedAfter! - debiased!;
  return {
    images: labels.length,
    asTrained: quality(seeds, {
      ece: plugIn!,
      debiasedEce: debiased!,
      draws: draws[0]!,
      perfect: perfect[0]!,
    }),
    scaled: quality(scaled, {
      ece: plugInAfter!,
      debiasedEce: debiasedAfter!,
      draws: draws[1]!,
      perfect: perfect[1]!,
    }),
    temperature: spreadOverSeeds(
      seeds.map((predictions) => fitTemperature(predictions, labels.keys())),
    ),
    change: { difference, ci95: normalInterval(difference, draws[2]!) },
  };
}

/** Bins of {@link calibration}. */
const BINS = 15;

function resamplesFor(images: number): number {
  return Math.min(2000, Math.max(500, Math.floor(2e7 / images)));
}

/** The bin and the confidence of each image, and whether it is correct, by seed. */
interface Binned {
  bins: Uint8Array;
  confidences: Float64Array;
  correct: Uint8Array;
}

function binned(seeds: readonly Predictions[]): Binned[] {
  return seeds.map(({ probabilities, classes, correct }) => {
    const confidences = Float64Array.from(correct, (_, image) =>
      probabilities
        .subarray(image * classes, (image + 1) * classes)
        .reduce((most, p) => Math.max(most, p), 0),
    );
    const bins = Uint8Array.from(confidences, (confidence) => calibrationBin(confidence, BINS));
    return { bins, confidences, correct };
  });
}

/** The mean over seeds of an error. @param counts how often each image counts; default once */
function meanError(
  seeds: readonly Binned[],
  errorOf: (bins: readonly BinContents[]) => number,
  counts?: Int32Array,
): number {
  let sum = 0;
  for (const each of seeds) sum += errorOf(fillBins(each, counts));
  return sum / seeds.length;
}

// Filled thousands of times for each interval, so the loops allocate nothing.
const scratch = Array.from({ length: BINS }, (): BinContents => ({
  images: 0,
  confidence: null,
  accuracy: null,
}));
const confidenceSums = new Float64Array(BINS);
const correctSums = new Float64Array(BINS);

/** @returns the bins, valid until the next call */
function fillBins(
  { bins, confidences, correct }: Binned,
  counts?: Int32Array,
): readonly BinContents[] {
  for (const bin of scratch) bin.images = 0;
  confidenceSums.fill(0);
  correctSums.fill(0);
  for (let i = 0; i < bins.length; i++) {
    const times = counts === undefined ? 1 : counts[i]!;
    const bin = bins[i]!;
    scratch[bin]!.images += times;
    confidenceSums[bin]! += times * confidences[i]!;
    correctSums[bin]! += times * correct[i]!;
  }
  for (let i = 0; i < BINS; i++) {
    const bin = scratch[i]!;
    bin.confidence = bin.images === 0 ? null : confidenceSums[i]! / bin.images;
    bin.accuracy = bin.images === 0 ? null : correctSums[i]! / bin.images;
  }
  return scratch;
}

function ece(bins: readonly BinContents[]): number {
  const total = imagesIn(bins);
  let sum = 0;
  for (const { images, confidence, accuracy } of bins)
    sum += (images / total) * Math.abs((accuracy ?? 0) - (confidence ?? 0));
  return sum;
}

function normalInterval(estimate: number, draws: Float64Array): [number, number] {
  const { sd } = spreadOverSeeds([...draws]);
  const half = 1.96 * (sd ?? 0);
  return [estimate - half, estimate + half];
}

function limited(error: number): number {
  return Math.min(Math.max(error, 0), 1);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
