import { fixedViews, type ImageSize, type Policy } from '@fixres/data';
import { ACTIVATION_IMAGES } from '../analysis/arm-activations.ts';
import {
  type ArmSpec,
  candidatesToMeasure,
  corruptionConditions,
  evaluationKey,
  type Experiment,
  imagesBySize,
  isSame,
  trainingLength,
} from '@fixres/runs';
import type { ImageSource } from '../images/image-source.ts';
import { epochNormImages, NORM_IMAGES } from '../statistics/norm-images.ts';

/**
 * Kinds of work with different speeds: training a whole model, training its end on images, running
 * a frozen trunk to cache features, training or evaluating on cached features, re-estimating
 * running statistics from images, evaluating on images, on corrupted ones, or kernel by kernel on training images that are
 * held back, measuring activations.
 */
export type WorkKind =
  | 'train'
  | 'finetune'
  | 'features'
  | 'head'
  | 'statistics'
  | 'evaluate'
  | 'corrupted'
  | 'heldBack'
  | 'activations';

/** Images of this size that go through the model. */
export interface WorkItem {
  kind: WorkKind;
  images: number;
  size: ImageSize;
  /** Whether it is computed in float32 even if the experiment's precision is bfloat16. */
  isFloat32?: boolean;
}

/**
 * Features for the arm's cache that still have to be computed, as a fraction of all views, 0..1.
 */
export interface FeaturesToCompute {
  train: number;
  /** `undefined`: those of the held-out images are not cached. */
  heldOut: number | undefined;
}

/** An arm before it starts, or when it is resumed. */
export interface ArmWork {
  spec: ArmSpec;
  experiment: Pick<Experiment, 'batchSize' | 'evaluations' | 'activations' | 'corruptions'>;
  /** Held back for thresholds, and for sizes: of the training images, besides `train`. Default 0. */
  images: { train: number; heldOut: number; thresholds?: number; sizes?: number };
  /**
   * Images for the estimates of running statistics: before training, after each epoch, after
   * training.
   */
  norms: { before: number; epoch: number; after: number };
  /** `undefined`: no features are cached. */
  features: FeaturesToCompute | undefined;
  /** Activations are measured only with the first seed. */
  isFirstSeed: boolean;
  /** Epochs finished earlier, and images of the current one. Default: none. */
  done?: { epoch: number; images: number };
  /** Number of times that activations are measured under each evaluation. Default 1. */
  measurements?: number;
  /** Policies that the trained arm is measured under, to choose the sizes of others. Default: none. */
  candidates?: readonly Policy[];
}

/** Numbers of images of a run. @param train of an arm, whose features can be cached in parts */
export function imageCounts(
  train: number,
  {
    heldOut,
    thresholdImages,
    sizeImages,
  }: {
    heldOut: ImageSource;
    thresholdImages?: ImageSource | undefined;
    sizeImages?: ImageSource | undefined;
  },
): ArmWork['images'] {
  return {
    train,
    heldOut: heldOut.size,
    thresholds: thresholdImages?.size ?? 0,
    sizes: sizeImages?.size ?? 0,
  };
}

/** The work of an arm, as far as it can be known in advance. */
export function armWork({
  spec,
  experiment,
  images,
  norms,
  features,
  isFirstSeed,
  done = { epoch: 0, images: 0 },
  measurements = 1,
  candidates = [],
}: ArmWork): WorkItem[] {
  const [trainSize, testSize] = [spec.trainPolicy.output, spec.testPolicy.output];
  const length = trainingLength(spec, { images: images.train, batchSize: experiment.batchSize });
  const epochs = length.epochs - done.epoch;
  const stages = imagesBySize(spec, length, { images: images.train, from: done.epoch });
  const trained = stages.reduce((sum, stage) => sum + stage.trained, 0) - done.images;
  const own = features?.heldOut === undefined ? 'evaluate' : 'head';
  const training: WorkItem[] =
    features === undefined
      ? stages.map(({ policy, trained: each }, i) => ({
          kind: trainingKind(spec),
          images: i === 0 ? each - done.images : each,
          size: policy.output,
        }))
      : [
          {
            kind: 'features',
            images:
              features.train *
              images.train *
              viewsSeen(spec, (trained + done.images) / images.train),
            size: trainSize,
          },
          { kind: 'head', images: trained, size: trainSize },
        ];
  const testing: WorkItem[] = [
    ...(features?.heldOut === undefined
      ? []
      : [
          {
            kind: 'features' as const,
            images: features.heldOut * images.heldOut,
            size: testSize,
            isFloat32: true,
          },
        ]),
    { kind: own, images: epochs * images.heldOut, size: testSize },
  ];
  const ownStatistics = features === undefined ? 'statistics' : 'head';
  const statistics: WorkItem[] = [
    { kind: 'statistics', images: norms.before, size: trainSize, isFloat32: true },
    { kind: ownStatistics, images: epochs * norms.epoch, size: trainSize },
    { kind: ownStatistics, images: norms.after, size: trainSize, isFloat32: true },
  ];
  const key = evaluationKey(spec.testPolicy);
  const evaluations = experiment.evaluations.map((policy): WorkItem => {
    return {
      kind: evaluationKey(policy) === key ? own : 'evaluate',
      images: images.heldOut,
      size: policy.output,
      isFloat32: true,
    };
  });
  const { thresholds = 0, sizes = 0 } = images;
  const heldBack: WorkItem[] = [
    { kind: 'heldBack', images: thresholds, size: testSize, isFloat32: true },
    ...candidates.map(({ output }) => ({
      kind: 'heldBack' as const,
      images: sizes,
      size: output,
      isFloat32: true,
    })),
  ];
  return [
    ...training,
    ...statistics,
    ...testing,
    ...heldBack,
    ...evaluations,
    {
      kind: 'corrupted',
      images: corruptionConditions(experiment.corruptions).length * images.heldOut,
      size: testSize,
      isFloat32: true,
    },
    ...(isFirstSeed ? activationWork(experiment, images.heldOut, measurements) : []),
  ];
}

/** The work of an arm before it starts, as far as its policies determine it. */
export function expectedWork(
  spec: ArmSpec,
  {
    experiment,
    images,
    isFirstSeed,
  }: { experiment: Experiment } & Pick<ArmWork, 'images' | 'isFirstSeed'>,
): WorkItem[] {
  const { arms } = experiment;
  return armWork({
    spec,
    experiment,
    images,
    norms: expectedNorms(spec, experiment, images.train),
    features: expectedFeatures(spec, arms[arms.indexOf(spec) - 1]),
    isFirstSeed,
    candidates: isFirstSeed && arms[0] === spec ? candidatesToMeasure(experiment) : [],
  });
}

/** Measuring activations under each evaluation. */
export function activationWork(
  { evaluations, activations = {} }: Pick<Experiment, 'evaluations' | 'activations'>,
  heldOut: number,
  measurements = 1,
): WorkItem[] {
  if (activations === false) return [];
  const images = measurements * Math.min(activations.images ?? ACTIVATION_IMAGES, heldOut);
  return evaluations.map(({ output }) => ({
    kind: 'activations',
    images,
    size: output,
    isFloat32: true,
  }));
}

/** Images for the estimates of running statistics, as far as the arm's policy determines them. */
export function expectedNorms(
  { freeze, epochs }: ArmSpec,
  { normStatistics, normImages = NORM_IMAGES }: Experiment,
  trainImages: number,
): ArmWork['norms'] {
  const before = freeze === 'bn-recalibrate' ? Math.min(normImages, trainImages) : 0;
  // A custom policy can leave all norms frozen; most do not.
  const isPrecise = normStatistics === 'precise' && epochs > 0 && freeze !== 'classifier';
  return {
    before,
    epoch: isPrecise ? Math.min(normImages, epochNormImages(trainImages), trainImages) : 0,
    after: isPrecise ? Math.min(normImages, trainImages) : 0,
  };
}

/** Kind of the training on images. */
export function trainingKind({ freeze }: ArmSpec): 'train' | 'finetune' {
  return freeze === 'all' ? 'train' : 'finetune';
}

/**
 * Whether an arm will cache features, as far as its policies determine it, and whether the previous
 * arm shares them.
 */
function expectedFeatures(spec: ArmSpec, previous?: ArmSpec): FeaturesToCompute | undefined {
  if (trainingKind(spec) === 'train' || spec.epochs < 2) return undefined;
  if ((spec.mix ?? spec.progressive ?? spec.distill) !== undefined) return undefined;
  if (fixedViews(spec.trainPolicy) === null) return undefined;
  const areLeft =
    previous !== undefined &&
    expectedFeatures(previous) !== undefined &&
    previous.initFrom === spec.initFrom &&
    seesTheSame(previous, spec);
  return areLeft ? { train: 0, heldOut: 0 } : { train: 1, heldOut: 1 };
}

function seesTheSame(one: ArmSpec, other: ArmSpec): boolean {
  return isSame(one.trainPolicy, other.trainPolicy) && isSame(one.testPolicy, other.testPolicy);
}

/**
 * Expected number of distinct views of an image that are drawn in some epochs, the last of which
 * may not show every image.
 */
function viewsSeen({ trainPolicy }: ArmSpec, epochs: number): number {
  const views = fixedViews(trainPolicy)?.policies.length ?? 1;
  const seenIn = (whole: number): number => views * (1 - (1 - 1 / views) ** whole);
  const whole = Math.floor(epochs);
  return seenIn(whole) + (epochs - whole) * (seenIn(whole + 1) - seenIn(whole));
}
