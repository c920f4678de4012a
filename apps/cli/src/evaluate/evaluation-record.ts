import type { ActivationStatistics, ResolutionChoice } from '@fixres/runner';
import type { EngineRecord, PredictionDescription } from '@fixres/runs';

/** What `fixres evaluate --json` prints. */
export interface EvaluationReport {
  format: 1;
  model: {
    /** Folder of the model. */
    path: string;
    /** Of a model that belongs to a run: its arm and seed. */
    arm: string | null;
    seed: number | null;
  };
  engine: EngineRecord;
  dataset: { name: string; classes: string[] };
  images: {
    /** `held-out`, `train`, `all`, or a part of the data set. */
    split: string;
    count: number;
    /** How many of them the model was trained on; `null` when that is not known. */
    trainedOn: number | null;
  };
  /** Test-time augmentation: `none`, `flip`, `five-crop` or `ten-crop`. */
  tta: string;
  evaluations: SizeEvaluation[];
  /** With `--search`: the size that was chosen on one half of the images and confirmed on the other. */
  search: ResolutionChoice | null;
}

/** How a model does at one size. */
export interface SizeEvaluation extends PredictionDescription {
  policy: string;
  /** Side of the input in pixels. */
  size: number;
  /** Products that are added up for one view of one image; twice as many operations. */
  multiplyAdds: number;
  /** Views of an image whose probabilities were averaged. */
  views: number;
  /** Images (not views) a second, reading and resizing included; without the first batch, where there are more. */
  imagesPerSecond: number;
  /** With `--activations`: what the pooling before the classifier gets and gives, without test-time augmentation. */
  activations: ActivationStatistics | null;
}
