import type { Policy, Size } from '@fixres/data';
import type { ModelCard } from '@fixres/models';
import type {
  CheckpointStore,
  DatasetRecord,
  EngineRecord,
  EpochRecord,
  Predictions,
  RunEventInput,
  StoredModel,
} from '@fixres/runs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { FeatureSettings } from '../cached/cache-features.ts';
import type { ForwardFactory } from '../evaluation/arm-evaluator.ts';
import type { ImageSource } from '../images/image-source.ts';
import type { MemoryMeter } from '../progress/memory-meter.ts';
import type { TrainerFactory } from '../training/trainer-factory.ts';
import type { OpenedModel } from './start-model.ts';

export interface RunExperimentOptions {
  engine: EngineRecord;
  dataset: DatasetRecord;
  train: ImageSource;
  heldOut: ImageSource;
  memory: MemoryMeter;
  onEvent: (event: RunEventInput) => void;
  /** Receives the model after every epoch, with the weights that were scored. It stays the run's. */
  onEpoch?: (arm: string, seed: number, record: EpochRecord, model: LayersModel) => Promise<void>;
  /** Receives every arm's predictions on the held-out images. */
  onPredictions?: (
    arm: string,
    seed: number,
    policy: Policy,
    predictions: Predictions,
  ) => Promise<void>;
  /** Receives every trained model and its card. The model is disposed afterwards. */
  onModel?: (arm: string, seed: number, model: LayersModel, card: ModelCard) => Promise<void>;
  /** Opens the model that an experiment starts from, anew for each arm. Experiments with a model by name need none. */
  openModel?: (model: StoredModel, seed: number) => Promise<OpenedModel>;
  /** Makes each arm's trainer. Default: one that runs kernel by kernel, on any engine. */
  createTrainer?: TrainerFactory;
  /** Makes what runs the model on the held-out images. Default: kernel by kernel, on any engine. */
  createForward?: ForwardFactory;
  /** How the features of frozen layers are kept, where that is exact. Default: in up to 1 GB of memory. */
  features?: FeatureSettings;
  /** Keeps what the run needs to go on after a crash. What it holds already is not done again. Default: nothing is kept. */
  checkpoints?: CheckpointStore;
  /** Seconds that a run which goes on has taken before. Default 0. */
  secondsBefore?: number;
  /** Width and height of the training images, upright. With them the summary tells apparent sizes. */
  imageSizes?: readonly Size[];
  /** Whether the caller has rehearsed the experiment already (`rehearse`). Default false. */
  isRehearsed?: boolean;
  signal?: AbortSignal | undefined;
}
