import type { Policy } from '@fixres/data';
import type {
  FreezePolicy,
  FreezePolicyName,
  LayerRates,
  Schedule,
  WeightAverageSettings,
  WeightDecay,
} from '@fixres/finetune/settings';
import type { ModelName } from '@fixres/models/names';

/** An optimiser of `@fixres/models` with its settings; what is left out has Keras's default. */
export type OptimizerSpec =
  | { type: 'adam'; beta1?: number; beta2?: number; epsilon?: number; weightDecay?: WeightDecay }
  | { type: 'sgd'; momentum?: number; nesterov?: boolean; weightDecay?: WeightDecay };

/** Ends an arm when it no longer gets better. */
export interface EarlyStopping {
  /** Epochs without a better value after which training stops, at least 1. */
  patience: number;
  /** What is watched. A stop chosen by held-out accuracy makes that accuracy look better than it is. Default `heldOutAccuracy`. */
  monitor?: 'heldOutAccuracy' | 'loss';
  /** A change must exceed this to count as better. Default 0. */
  minDelta?: number;
  /** Whether the arm ends with the weights of its best epoch instead of those of its last one. Default true. */
  restoreBest?: boolean;
}

/** One way of training: where it starts, what it sees, what moves. Plain data. */
export interface ArmSpec {
  name: string;
  /** One sentence for people. */
  description: string;
  /** Arm whose weights it starts from; it must stand earlier in the list. `null`: from scratch. */
  initFrom: string | null;
  trainPolicy: Policy;
  /** The arm's own test policy, used for its training curve and its headline accuracy. */
  testPolicy: Policy;
  /** Most epochs; early stopping may end the arm before. */
  epochs: number;
  /** Most updates: training ends after so many, also within an epoch, and schedules end with it. Default: those of all epochs. */
  steps?: number;
  /** Where epochs and steps were derived: what from. */
  cost?: EqualCost;
  /** Learning rate of each update. */
  schedule: Schedule;
  /** Default: Adam. */
  optimizer?: OptimizerSpec;
  /** Which layers train: the name of a preset of `@fixres/finetune`, or a policy. */
  freeze: FreezePolicyName | FreezePolicy;
  /** Factors on the learning rate by layer. */
  layerRates?: LayerRates;
  /**
   * Moving average of the weights: the arm is tested, and ends, with the average. `warmUp` left out means none here, as in runs stored
   * before it was the default; experiment files put it in.
   */
  ema?: WeightAverageSettings;
  /** Label smoothing, 0 to 1. Default 0. */
  labelSmoothing?: number;
  earlyStopping?: EarlyStopping;
}

/**
 * Gives an arm as many updates as its training compute allows: together with the arms that it starts from it takes as much as another arm
 * with those that that one starts from, as nearly as whole updates come to it, and no more. See `armCompute` for what is counted.
 */
export interface EqualCost {
  /** Name of the other arm, which must stand earlier in the list. What counts are its most epochs, whether or not it stops early. */
  equalTo: string;
}

/**
 * An arm as it is written down: its length is given, or is to be derived from its cost. Lengths within its schedule stay as they are, in
 * epochs; a cosine, and a step schedule with `parts`, extend over the derived length.
 */
export type PlannedArm =
  ArmSpec | (Omit<ArmSpec, 'epochs'> & { epochs?: undefined; cost: EqualCost });

/** A comparison to make when all arms are trained. */
export interface ComparisonSpec {
  a: string;
  b: string;
  /** `own`: each arm under its own test policy. Otherwise the key of an evaluation, `<policy>@<size>`. */
  policy: string;
}

/** When the state of training is saved. It is saved also at the end of an arm's training and when the run is interrupted. */
export interface CheckpointSettings {
  /** After every so many epochs; `null`: not by epochs. Default 1. */
  everyEpochs?: number | null;
  /** When so many seconds have passed since the last one, also within an epoch; `null`: not by time. Default 600. */
  everySeconds?: number | null;
  /** How many are kept, at least 1. With two a damaged one costs only the way from the one before. Default 2. */
  keep?: number;
  /** Whether the weights of each arm's best epoch are kept too. Default true. */
  best?: boolean;
}

/** Measures activations before the pooling under each evaluation, before and after fine-tuning. */
export interface ActivationSettings {
  /** Most held-out images, at least 1. Default 256. */
  images?: number;
}

/** A model made anew by its name. */
export interface NewModel {
  name: ModelName;
  /** Stem width; the other layers' widths follow. ResNet50V2 has 64, MobileNetV2 32. */
  width: number;
  folder?: undefined;
}

/** A trained model from a folder, the start of all arms that start from no other. Whoever runs the experiment opens it. */
export interface StoredModel {
  /** Path of its model folder. */
  folder: string;
  /** SHA-256 of its files, hexadecimal. */
  digest: string;
  /** Side of the images that it is used with, in pixels; its own if it takes any. */
  imageSize: number;
  /** Whether its classifier makes room for a new one: always, or where it has not as many outputs as the data set has classes. */
  newClassifier: 'always' | 'if-needed';
}

/** Type in which the heavy part of a step computes; weights, statistics and the loss are float32 in both. */
export type Precision = 'float32' | 'bfloat16';

/**
 * Which running statistics of batch normalisation an arm is tested with.
 *
 * - `precise`: when its training is done, they are estimated anew from training images ("PreciseBN", Wu and Johnson 2021,
 *   arXiv 2105.07576); for the test after an epoch likewise, from fewer. In one pass forwards, whose time counts as training.
 * - `running`: the moving averages over the steps, as Keras has them. They lag behind the weights, the more the shorter the training is.
 */
export type NormStatistics = 'precise' | 'running';

/** A whole experiment. Plain data, so it is stored with its run. */
export interface Experiment<Arm extends PlannedArm = ArmSpec> {
  model: NewModel | StoredModel;
  arms: Arm[];
  /** Every arm is evaluated under each of these. They include each arm's own test policy. */
  evaluations: Policy[];
  comparisons: ComparisonSpec[];
  /** One run of all arms for each seed; a seed fixes initial weights, order and augmentation. */
  seeds: number[];
  batchSize: number;
  /** Arithmetic of the training step. Default `float32`. */
  precision?: Precision;
  /** One for all arms, so that it explains no difference. Default `running`, which runs stored before there was a choice had. */
  normStatistics?: NormStatistics;
  /** Most training images that statistics are estimated from, at least 1. Default 4096. */
  normImages?: number;
  checkpoint?: CheckpointSettings;
  /** `false`: activations are not measured. */
  activations?: ActivationSettings | false;
}

/** An experiment as it is written down; `resolveCosts` derives the lengths that are missing. */
export type PlannedExperiment = Experiment<PlannedArm>;

/** Names an evaluation: policy and size. */
export function evaluationKey(policy: Policy): string {
  return `${policy.name}@${policy.output.width}`;
}
