import type { ArmMetrics } from '../../results/arm-metrics.ts';
import type { RecordedRun } from '../../results/recorded-run.ts';

/** Part of a report that could not be made, and why, in a sentence. */
export interface Missing {
  missing: string;
}

export function isMissing(value: object): value is Missing {
  return 'missing' in value;
}

/** How large objects appear when an arm is tested, next to training. */
export interface ApparentSize {
  arm: string;
  /** The arm whose training is compared with: the arm itself, or the one whose weights it starts from. */
  trained: string;
  /** `<policy>@<size>` */
  trainPolicy: string;
  testPolicy: string;
  /** Mean of the ratio of apparent sizes, test / training. */
  mean: number;
  /** 101 percentiles of the ratio. */
  percentiles: readonly number[];
}

/** What an arm takes in multiply-adds, which do not depend on the machine. */
export interface ArmCost {
  arm: string;
  /**
   * Of its own training, the mean over seeds; see `trainMultiplyAdds` of the summary, which runs of earlier versions lack. Training of the
   * arm it starts from is not included. Undefined where the kinds of some layers are not known.
   */
  training: number | undefined;
  /** Of classifying one image at the size of its own test policy. */
  image: number;
  testPolicy: string;
}

/** What the arms of a run take, and what was counted. */
export interface RunCosts {
  model: string;
  parameters: number;
  arms: ArmCost[];
}

/** A held-out image that an arm was sure of, and wrong. */
export interface Mistake {
  file: string;
  label: string;
  predicted: string;
  /** Probability of the predicted class, 0..1. */
  confidence: number;
  /** `data:image/...;base64,...`; `null` when the image is not at hand. */
  dataUri: string | null;
}

/** The most confident mistakes of an arm under its own test policy, surest first. */
export interface ArmMistakes {
  arm: string;
  /** Number of models that the predictions are of. */
  seeds: number;
  /** Images classified wrongly, by any of the seeds. */
  wrong: number;
  mistakes: Mistake[];
}

/** One picture of a sample grid. */
interface SamplePicture {
  /** Shown below the picture and part of its alternative text, for example the class. */
  label: string;
  /** `data:image/...;base64,...`; anything else is refused, so that a report never loads from elsewhere. */
  dataUri: string;
}

/** What one policy makes of some images. */
export interface SampleGrid {
  title: string;
  /** The policy in words or code, for example `fixresTest @ 224`. */
  policy: string;
  pictures: SamplePicture[];
}

/** All that the report of one run shows. Plain data. */
export interface ReportRun extends RecordedRun {
  /** What the run's folder is called. */
  name: string;
  /** In the order of the summary's arms; arms whose predictions are missing are left out. */
  metrics: ArmMetrics[];
  mistakes: ArmMistakes[];
  costs: RunCosts | Missing;
  apparentSizes: ApparentSize[] | Missing;
  samples: SampleGrid[] | Missing;
}

/** What a report shows: one run, or several. */
export interface ReportInput {
  runs: ReportRun[];
}
