import {
  fixedViews,
  type ImageSize,
  imageSizeOf,
  imageSizeText,
  isSameSize,
  policyAtSize,
} from '@fixres/data';
import { candidatesToMeasure, type Experiment, type Precision } from '@fixres/runs';
import { startModel } from '../arms/start-model.ts';
import { type MeasuredParts, measureCached } from './measure-cached.ts';
import { measureForward } from './measure-forward.ts';
import type { MeasureOptions, MeasurePartOptions } from './measure-options.ts';
import { measureReading } from './measure-reading.ts';
import { measureTraining } from './measure-training.ts';
import { type Part, partsOf } from './parts-of.ts';
import type { PartSpeed, Spread } from './part-speed.ts';

export interface MeasureSpeedOptions extends MeasureOptions {
  /**
   * Also measures the first part that trains on images with this precision, for comparison.
   * Default: not measured.
   */
  otherPrecision?: Precision | undefined;
  /** Called before each part is measured. */
  onPart?: ((part: Part) => void) | undefined;
}

/** Speed of reading images without any training. */
export interface ReadingSpeed {
  /** Name of the train policy. */
  policy: string;
  size: ImageSize;
  secondsPerImage: Spread;
}

/** Speed of an experiment on this machine. */
export interface ExperimentSpeed {
  parts: PartSpeed[];
  /**
   * Size of the features that a run caches in memory, for the arm with the most, in 10^6 bytes. 0 if
   * none are cached, or on disk.
   */
  featuresMb: number;
  /** For each train policy. */
  reading: ReadingSpeed[];
  /** The first part that trains on images, with `otherPrecision`. */
  other: PartSpeed | undefined;
}

/** Fraction of the time for reading alone. */
const READING = 0.1;

/**
 * Measures how fast the parts of an experiment run: training of the whole model and of its end,
 * features of a frozen trunk and training on them, evaluation, and reading images. Each part runs
 * as in a run, with the same trainer, batch size, precision and policies, and with the images read
 * meanwhile. In a bfloat16 experiment, evaluation is measured in both precisions, because a run
 * uses bfloat16 only after each epoch. An engine must have been selected. Leaves no tensor behind.
 *
 * @param options.seconds shared by all parts; each runs at least one batch, so that a slow engine
 * takes longer
 * @throws errors of `runExperiment`; FixresRunnerError `bad-option` for a sample without batches;
 * the signal's reason when aborted
 */
export async function measureSpeed(
  experiment: Experiment,
  options: MeasureSpeedOptions,
): Promise<ExperimentSpeed> {
  const { images, otherPrecision, onPart } = options;
  const { batchSize } = experiment;
  const parts = partsOf(experiment, images);
  const first = parts.find(({ kind }) => kind === 'train' || kind === 'finetune');
  const measured = parts.length + (otherPrecision && first ? 1 : 0);
  const each = { ...options, seconds: ((1 - READING) * options.seconds) / measured, batchSize };

  const reading = await readingSpeeds(parts, { ...each, seconds: READING * options.seconds });
  const speeds: PartSpeed[] = [];
  let featuresMb = 0;
  for (const part of parts) {
    if (isMeasured(part, speeds)) continue;
    onPart?.(part);
    const batches = batchesWithin(part, speeds, each);
    const measurement = await measurePart(part, experiment, { ...each, batches });
    speeds.push(...measurement.parts);
    featuresMb = Math.max(featuresMb, measurement.featuresMb);
  }
  const own = { parts: speeds, featuresMb, reading };
  if (first === undefined || otherPrecision === undefined) return { ...own, other: undefined };
  onPart?.(first);
  const inOther = { ...first, precision: otherPrecision };
  const { parts: others } = await measurePart(inOther, experiment, { ...each, batches: 0 });
  return { ...own, other: others[0] };
}

/** Training on features is measured together with the features, or without them if there are none. */
function isMeasured({ kind, size }: Part, speeds: readonly PartSpeed[]): boolean {
  return (
    kind === 'head' &&
    speeds.some(
      (speed) => isSameSize(speed.size, size) && ['head', 'finetune'].includes(speed.kind),
    )
  );
}

/** A trunk runs on at least two batches: the first one includes compilation. */
const FEWEST = 2;

/** Number of batches whose features can be computed within the time for a part. */
function batchesWithin(
  { size, arm }: Part,
  speeds: readonly PartSpeed[],
  { seconds, batchSize, sample }: Pick<MeasurePartOptions, 'seconds' | 'batchSize' | 'sample'>,
): number {
  const forward = speeds.find((speed) => speed.kind === 'evaluate' && isSameSize(speed.size, size));
  const views = fixedViews(arm.trainPolicy)?.policies.length ?? 1;
  const within = forward
    ? Math.floor(seconds / (views * batchSize * forward.secondsPerImage.mean))
    : FEWEST;
  return Math.max(FEWEST, Math.min(within, Math.floor(sample.size / batchSize)));
}

/** Measures a part with a new model. */
async function measurePart(
  { kind, size, precision, arm: whole }: Part,
  experiment: Experiment,
  given: Omit<MeasurePartOptions, 'precision'> & { batches: number },
): Promise<MeasuredParts> {
  const options = { ...given, precision };
  // The part is one stage of an arm with progressive resizing.
  const { progressive: _, ...rest } = whole;
  const arm = { ...rest, trainPolicy: policyAtSize(whole.trainPolicy, size) };
  options.signal?.throwIfAborted();
  options.memory.reset();
  const { model } = await startModel(experiment.model, experiment.seeds[0]!, options);
  try {
    if (kind === 'evaluate') {
      const policies = [
        ...experiment.evaluations,
        arm.testPolicy,
        arm.trainPolicy,
        ...candidatesToMeasure(experiment),
      ];
      const policy = policies.find(({ output }) => isSameSize(output, size))!;
      return { parts: [await measureForward(model, policy, options)], featuresMb: 0 };
    }
    if (kind === 'features' || kind === 'head') {
      const cached = await measureCached(model, arm, options);
      if (cached !== undefined) return cached;
    }
    return { parts: [await measureTraining(model, arm, options)], featuresMb: 0 };
  } finally {
    model.dispose();
  }
}

/** Measures the reading of images under each train policy. */
async function readingSpeeds(
  parts: readonly Part[],
  options: Omit<MeasurePartOptions, 'precision'>,
): Promise<ReadingSpeed[]> {
  const policies = new Map(
    parts
      .filter(({ kind }) => kind !== 'evaluate')
      .map(({ size, arm: { trainPolicy } }) => [
        `${trainPolicy.name} ${imageSizeText(size)}`,
        policyAtSize(trainPolicy, size),
      ]),
  );
  const seconds = options.seconds / policies.size;
  const reading: ReadingSpeed[] = [];
  for (const policy of policies.values()) {
    const { name, output } = policy;
    const secondsPerImage = await measureReading(options.sample, policy, { ...options, seconds });
    reading.push({ policy: name, size: imageSizeOf(output), secondsPerImage });
  }
  return reading;
}
