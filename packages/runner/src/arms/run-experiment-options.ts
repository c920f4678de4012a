import type { JpegDecoding, Policy, Size } from '@fixres/data';
import type { ModelCard } from '@fixres/models';
import type {
  CheckpointStore,
  DatasetRecord,
  EngineRecord,
  EpochRecord,
  Experiment,
  Predictions,
  RunEventInput,
} from '@fixres/runs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainingCluster } from '../cluster/training-cluster.ts';
import type { FeatureSettings } from '../cached/cache-features.ts';
import type { ForwardFactory } from '../evaluation/forward-factory.ts';
import type { ImageSource } from '../images/image-source.ts';
import type { MemoryMeter } from '../progress/memory-meter.ts';
import type { TrainerFactory } from '../training/trainer-factory.ts';
import type { StartModelOptions } from './start-model.ts';

export interface RunExperimentOptions {
  engine: EngineRecord;
  dataset: DatasetRecord;
  train: ImageSource;
  heldOut: ImageSource;
  /**
   * Multi-label images to choose the threshold of each class on, after training; neither trained on nor
   * held out. Default: thresholds are 0.5.
   */
  thresholdImages?: ImageSource | undefined;
  /**
   * Images to choose sizes on that are `measured`; neither trained on nor held out. Needed if an arm has
   * such a size.
   */
  sizeImages?: ImageSource | undefined;
  /** How the images are decoded, for the models' contracts. Default `accurate`. */
  decode?: JpegDecoding | undefined;
  memory: MemoryMeter;
  onEvent: (event: RunEventInput) => void;
  /** Receives the experiment when its measured sizes are chosen; stores it with the run. */
  onExperiment?: (experiment: Experiment) => Promise<void>;
  /** Receives the model after every epoch, with the evaluated weights. The run owns it. */
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
  /**
   * Opens the initial model of an experiment, once for each arm. Not needed for experiments with a
   * model by name.
   */
  openModel?: StartModelOptions['openModel'];
  /** As in `StartModelOptions`. */
  openTeacher?: StartModelOptions['openTeacher'];
  /** Creates the trainer of each arm. Default: one that runs kernel by kernel, on any engine. */
  createTrainer?: TrainerFactory;
  /** Creates the forward pass for the held-out images. Default: kernel by kernel, on any engine. */
  createForward?: ForwardFactory;
  /**
   * How the features of frozen layers are cached, if that is exact. Default: in up to 1 GB of
   * memory.
   */
  features?: FeatureSettings;
  /**
   * Stores what the run needs to be resumed after a crash. Work that it already contains is not
   * repeated. Default: nothing is stored.
   */
  checkpoints?: CheckpointStore;
  /** Seconds of the earlier sessions of a resumed run. Default 0. */
  secondsBefore?: number;
  /**
   * Width and height of the training images, upright. With them the summary includes apparent
   * sizes.
   */
  imageSizes?: readonly Size[];
  /** Whether the caller has rehearsed the experiment already (`rehearse`). Default false. */
  isRehearsed?: boolean;
  /**
   * Number of epochs after which the first arm that reaches it ends the run with the error `paused`, when its
   * state is saved. The training is part of the whole one: schedules do not depend on it. Default: none.
   */
  pauseAfter?: number | undefined;
  signal?: AbortSignal | undefined;
  /**
   * Processes that run the same experiment together: each trains and evaluates with its share of
   * the images. Needs a compiled trainer, `checkpoints` and sources with `access`. Default: this process alone.
   */
  cluster?: TrainingCluster | undefined;
}
