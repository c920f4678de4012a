import type { ArmMetrics } from '../../results/arm-metrics.ts';
import type { RecordedRun } from '../../results/recorded-run.ts';

/** A part of a report that could not be made, and the reason in a sentence. */
export interface Missing {
  missing: string;
}

export function isMissing(value: object): value is Missing {
  return 'missing' in value;
}

/** Apparent size of objects when an arm is evaluated, relative to training. */
export interface ApparentSize {
  arm: string;
  /** The arm whose training is the reference: the arm itself, or the one it is initialised from. */
  trained: string;
  /** `<policy>@<size>` */
  trainPolicy: string;
  testPolicy: string;
  /** Mean of the ratio of apparent sizes, test / training. */
  mean: number;
  /** 101 percentiles of the ratio. */
  percentiles: readonly number[];
}

/** Compute of an arm in multiply-adds, which do not depend on the machine. */
export interface ArmCost {
  arm: string;
  /**
   * Of its own training, the mean over seeds, without the arm it is initialised from; see
   * `trainMultiplyAdds` of the summary, which runs of earlier versions lack. Undefined if some
   * kinds of layers are not known.
   */
  training: number | undefined;
  /** Of classifying one image at the size of its own test policy. */
  image: number;
  testPolicy: string;
}

/** Compute of the arms of a run, and what was counted. */
export interface RunCosts {
  model: string;
  parameters: number;
  arms: ArmCost[];
}

/** A held-out image that an arm misclassified with high confidence. */
export interface Mistake {
  file: string;
  label: string;
  predicted: string;
  /** Probability of the predicted class, 0..1. */
  confidence: number;
  /** `data:image/...;base64,...`; `null` if the image is not available. */
  dataUri: string | null;
}

/** The most confident mistakes of an arm under its own test policy, most confident first. */
export interface ArmMistakes {
  arm: string;
  /** Number of models that made the predictions. */
  seeds: number;
  /** Images that any of the seeds misclassified. */
  wrong: number;
  mistakes: Mistake[];
}

/** Two images that look the same, or were taken at the same time. */
export interface PicturedPair {
  /** In leaks across the split, `a` is the training image. */
  a: { file: string; dataUri: string | null };
  b: { file: string; dataUri: string | null };
  /** How far they are apart, in words. */
  note: string;
}

/** Images across the split of a run that look the same: the first of each kind, and how many there are. */
export interface LeakPictures {
  /** Largest number of different bits of 64 of a pair. */
  distance: number;
  heldOutImages: number;
  counts: { acrossSplit: number; bursts: number; acrossClasses: number };
  /** Number of training images that were left out. */
  dropped: number;
  acrossSplit: PicturedPair[];
  bursts: PicturedPair[];
  acrossClasses: PicturedPair[];
}

/** What a trained model finds alike: held-out images with training images of similar features. */
export interface SimilarPictures {
  /** The model. */
  arm: string;
  seed: number;
  /** The most similar first; `a` is the training image. Without those of {@link LeakPictures}. */
  pairs: PicturedPair[];
}

/** One picture of a sample grid. */
interface SamplePicture {
  /** Shown below the picture and part of its alternative text, for example the class. */
  label: string;
  /** What was drawn for it, in the order in which it was applied: `rotate 9°`. Default: nothing. */
  changes?: readonly string[];
  /** `data:image/...;base64,...`; anything else is refused, so that a report never loads from elsewhere. */
  dataUri: string;
}

/** What one policy produces from some images. */
export interface SampleGrid {
  title: string;
  /** The policy in words or code, for example `fixresTest @ 224`. */
  policy: string;
  pictures: SamplePicture[];
}

/** Everything that the report of one run shows, as plain data. */
export interface ReportRun extends RecordedRun {
  /** Name of the run's folder. */
  name: string;
  /** In the order of the summary's arms; arms whose predictions are missing are left out. */
  metrics: ArmMetrics[];
  mistakes: ArmMistakes[];
  costs: RunCosts | Missing;
  apparentSizes: ApparentSize[] | Missing;
  samples: SampleGrid[] | Missing;
  /** `null` for a run without a record of leaks. */
  leaks: LeakPictures | null;
  /** Only if it was asked for, because a model computes it. */
  similar?: SimilarPictures | Missing;
}

/** What a report shows: one run, or several. */
export interface ReportInput {
  runs: ReportRun[];
}
