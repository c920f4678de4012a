import type { ImageSize } from '@fixres/data';
import type { ActivationStatistics, AdaptiveChoice, ResolutionChoice } from '@fixres/runner';
import type {
  CalibrationDescription,
  EngineRecord,
  MultiLabelMetrics,
  PredictionDescription,
  RobustnessRecord,
} from '@fixres/runs';

/** The output of `fixres evaluate --json`. */
export interface EvaluationReport {
  format: 1;
  model: {
    /** Folder of the model. */
    path: string;
    /** Arm and seed of a model from a run. */
    arm: string | null;
    seed: number | null;
  };
  engine: EngineRecord;
  dataset: { name: string; classes: string[] };
  images: {
    /** `held-out`, `train`, `all`, or a part of the data set. */
    split: string;
    count: number;
    /** How many of them the model was trained on; `null` if unknown. */
    trainedOn: number | null;
  };
  /** Test-time augmentation: `none`, `flip`, `five-crop` or `ten-crop`. */
  tta: string;
  evaluations: SizeEvaluation[];
  /** With `--search`: the size chosen on one half of the images and confirmed on the other half. */
  search: ResolutionChoice | null;
  /** With `--adaptive`: when a small size may decide instead of the largest one. */
  adaptive: AdaptiveChoice | null;
}

/**
 * The results of a model at one size. For multi-label images, `top1` is the subset accuracy, and
 * `multiLabel` replaces the other metrics of predictions.
 */
export interface SizeEvaluation
  extends Pick<PredictionDescription, 'top1'>, Partial<Omit<PredictionDescription, 'top1'>> {
  multiLabel?: MultiLabelMetrics;
  policy: string;
  /** Size of the input: a number for a square, otherwise height and width. */
  size: ImageSize;
  /** Multiply-adds for one view of one image; each is two operations. */
  multiplyAdds: number;
  /** Number of views per image whose probabilities are averaged. */
  views: number;
  /**
   * Images (not views) per second, including reading and resizing; without the first batch if there
   * are several.
   */
  imagesPerSecond: number;
  /**
   * With `--activations`: input and output of the pooling before the classifier, without test-time
   * augmentation.
   */
  activations: ActivationStatistics | null;
  /** With `--corruptions`. */
  corrupted: CorruptedEvaluation | null;
  /** With `--calibration`. */
  temperatureScaling: CalibrationDescription | null;
}

/** Mean accuracy on corrupted images with its interval, and the accuracy under each condition. */
export type CorruptedEvaluation = Pick<RobustnessRecord, 'accuracy' | 'ci95' | 'conditions'>;
