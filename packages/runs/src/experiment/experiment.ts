import {
  type CorruptionName,
  type CorruptionSeverity,
  type ImageSize,
  type MixSettings,
  type Policy,
  policyLabel,
} from '@fixres/data';
import type {
  FreezePolicy,
  FreezePolicyName,
  LayerRates,
  Schedule,
  WeightAverageSettings,
  WeightDecay,
} from '@fixres/finetune/settings';
import type { GradientClipping } from '@fixres/models';
import type { ModelName } from '@fixres/models/names';
import type { SizeChoice } from '../events/events.ts';

/**
 * An optimiser of `@fixres/models` with its settings; missing ones have its defaults: Keras's, and
 * timm's for `lamb`.
 */
export type OptimizerSpec =
  | {
      type: 'adam' | 'lamb';
      beta1?: number;
      beta2?: number;
      epsilon?: number;
      weightDecay?: WeightDecay;
    }
  | { type: 'sgd'; momentum?: number; nesterov?: boolean; weightDecay?: WeightDecay }
  | {
      type: 'rmsprop';
      rho?: number;
      momentum?: number;
      epsilon?: number;
      initialAccumulator?: number;
      weightDecay?: WeightDecay;
    };

/**
 * The loss of an image, from the logits. Plain data.
 *
 * - `cross-entropy` of the softmax.
 * - `binary-cross-entropy` of a sigmoid for each class, timm's `BinaryCrossEntropy`: the `mean` or the
 *   `sum` `over` the classes (default `mean`); targets above `threshold` become 1, others 0 (default:
 *   they stay).
 * - `focal`, the multi-class focal loss of the softmax (Lin et al. 2017) with `gamma` (default 2).
 */
export type LossSpec =
  | { type: 'cross-entropy' }
  | { type: 'binary-cross-entropy'; over?: 'mean' | 'sum'; threshold?: number }
  | { type: 'focal'; gamma?: number };

/**
 * Which images an epoch visits, other than each one once. An epoch has as many images as usual.
 *
 * - `class-balanced`: all classes equally often, so images of rare classes several times.
 * - `repeatedAugmentation` (Hoffer et al. 2020; Berman et al. 2019): so many views of each image
 *   that it visits, 2 to 255, one after another; the others wait for later epochs.
 */
export type Sampling = 'class-balanced' | { repeatedAugmentation: number };

/** Ends an arm that no longer improves. */
export interface EarlyStopping {
  /** Epochs without improvement after which training stops, at least 1. */
  patience: number;
  /**
   * The monitored metric. If held-out accuracy decides when to stop, that accuracy looks better
   * than it is. Default `heldOutAccuracy`.
   */
  monitor?: 'heldOutAccuracy' | 'loss';
  /** Minimum change that counts as an improvement. Default 0. */
  minDelta?: number;
  /**
   * Whether the arm ends with the weights of its best epoch instead of its last one. Default true.
   */
  restoreBest?: boolean;
}

/**
 * A size that is chosen in the run: when the first arm is trained with the first seed, it is
 * evaluated at each candidate size on training images that are held back. All seeds use the choice.
 * Plain data.
 */
export interface MeasuredSize {
  /** The policies as an experiment file describes them, so that they can be written again. */
  asked: { trainPolicy: object; testPolicy: object };
  /** The policies of the arm at each size, in the order of sizes; at least two. */
  candidates: { trainPolicy: Policy; testPolicy: Policy }[];
  /**
   * Absent until the size is chosen. Until then, the arm has the policies of the last candidate; their
   * names end with `-measured`.
   */
  choice?: SizeChoice;
}

/** One way of training: initial weights, input, and trained layers. Plain data. */
export interface ArmSpec {
  name: string;
  /** Description in one sentence. */
  description: string;
  /** Arm that it is initialised from; must be earlier in the list. `null`: from scratch. */
  initFrom: string | null;
  trainPolicy: Policy;
  /** The arm's own test policy, used for its training curve and its headline accuracy. */
  testPolicy: Policy;
  /** Chooses the size of both policies in the run; the arm must be initialised from the first arm. */
  measuredSize?: MeasuredSize;
  /** Maximum number of epochs; early stopping can end the arm earlier. */
  epochs: number;
  /**
   * Maximum number of updates: training ends after them, even within an epoch, and schedules end
   * with it. Default: those of all epochs.
   */
  steps?: number;
  /** The source of derived epochs and steps. */
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
   * Moving average of the weights: the arm is evaluated, and ends, with the average. Without
   * `warmUp` there is none, as in runs stored before it became the default; experiment files add
   * it.
   */
  ema?: WeightAverageSettings;
  /** Label smoothing, 0 to 1. Default 0. */
  labelSmoothing?: number;
  /**
   * Mixes the images of each training batch, and their labels. The training accuracy then counts
   * the class with the larger weight. Default: no mixing.
   */
  mix?: MixSettings;
  /** Default: cross-entropy. */
  loss?: LossSpec;
  /**
   * Factor on the loss of each class, in the order of the classes: finite, at least 0. `balanced`: the
   * number of training images divided by (number of classes x images of the class), as in
   * scikit-learn. Default: none.
   */
  classWeights?: 'balanced' | number[];
  /** Which images an epoch visits. Default: each image once. */
  sampling?: Sampling;
  /** Limits the gradients of each update. Default: none. */
  clipGradients?: GradientClipping;
  /**
   * Number of batches whose gradients make one update, at least 1: an update sees `accumulate` x batch
   * size images, and steps, schedules and checkpoints count updates. Batch normalisation still sees
   * single batches. Default 1.
   */
  accumulate?: number;
  /**
   * Stochastic depth (Huang et al. 2016): the probability, 0 to below 1, with which an image skips the
   * last residual block in training; it grows linearly from 0 for the first block, as in timm. Blocks of
   * a frozen trunk are not skipped. Default 0.
   */
  dropPath?: number;
  /** Dropout before the classifier in training, 0 to below 1, in addition to the model's own. Default 0. */
  dropout?: number;
  /**
   * Gradient checkpointing (Chen et al. 2016): training keeps the inputs of the model's blocks and
   * computes their activations again in the backward pass, in less memory and more time. The
   * gradients are the same up to rounding. Cached features have no blocks to compute again. Default
   * false.
   */
  gradientCheckpointing?: boolean;
  earlyStopping?: EarlyStopping;
  /** Also learns from the predictions of another model. Default: from the labels alone. */
  distill?: Distillation;
  /** Trains at smaller sizes first. Default: at the size of the train policy all the time. */
  progressive?: ProgressiveResizing;
}

/**
 * Knowledge distillation: the arm learns from the labels and from a trained model with the same
 * classes, which sees the same view of each image. Plain data.
 */
export interface Distillation {
  /** Path of the teacher's model folder. */
  teacher: string;
  /** SHA-256 of its files, hexadecimal. */
  digest: string;
  /**
   * `soft`: the divergence from the teacher's probabilities (Hinton et al. 2015). `hard`: cross-entropy
   * of the teacher's class (DeiT, Touvron et al. 2021). Default `soft`.
   */
  kind?: 'soft' | 'hard';
  /** Divides the logits of both in `soft`, above 0. Default 3, as in DeiT. */
  temperature?: number;
  /** Weight of the teacher's part of the loss, 0 to 1; the labels have the rest. Default 0.5. */
  alpha?: number;
}

/**
 * Progressive resizing as in EfficientNetV2 (Tan and Le 2021, section 4): the train size grows from
 * stage to stage, and the regularisation with it. All stages have equally many epochs, up to one. Plain
 * data.
 */
export interface ProgressiveResizing {
  /** Train size of the first stage; the last one has the size of the train policy. */
  from: ImageSize;
  /** Number of stages, at least 2. Default 4, as in the paper. */
  stages?: number;
  /** Dropout of the first stage; it grows linearly to that of the arm. Default: that of the arm. */
  dropout?: number;
  /** Stochastic depth of the first stage, likewise. Default: that of the arm. */
  dropPath?: number;
  /** Alpha of Mixup in the first stage, likewise; 0: none. Default: that of the arm. */
  mixup?: number;
  /** Magnitude of RandAugment in the first stage, likewise. Default: that of the train policy. */
  magnitude?: number;
}

/**
 * Gives an arm as many updates as its training compute allows: including the arms it is initialised
 * from, it takes as much as another arm including those that one is initialised from, rounded down
 * to whole updates. `armCompute` defines what is counted.
 */
export interface EqualCost {
  /**
   * Name of the other arm, which must be earlier in the list. Its maximum number of epochs counts,
   * even if it stops early.
   */
  equalTo: string;
}

/**
 * An arm in an experiment file: its length is given, or derived from its cost. Lengths within its
 * schedule stay as they are, in epochs; a cosine, and a step schedule with `parts`, extend over the
 * derived length.
 */
export type PlannedArm =
  | ArmSpec
  | (Omit<ArmSpec, 'epochs'> & { epochs?: undefined; cost: EqualCost });

/** A comparison to make when all arms are trained. */
export interface ComparisonSpec {
  a: string;
  b: string;
  /** `own`: each arm under its own test policy. Otherwise the key of an evaluation, `<policy>@<size>`. */
  policy: string;
}

/**
 * Ends an experiment before all of its seeds are trained, when a comparison is precise enough, by a
 * confidence sequence over the seeds that may be looked at after each of them.
 */
export interface SeedStopping {
  a: string;
  b: string;
  /** `own`, or the key of an evaluation, as in a comparison. */
  policy: string;
  /** Until the interval of a - b excludes 0, or its half width is at most this, in 0..1. */
  until: 'excludes0' | { halfWidth: number };
}

/**
 * When the training state is saved. It is also saved at the end of an arm's training and when the
 * run is interrupted.
 */
export interface CheckpointSettings {
  /** After this number of epochs; `null`: not by epochs. Default 1. */
  everyEpochs?: number | null;
  /** Seconds since the last one, also within an epoch; `null`: not by time. Default 600. */
  everySeconds?: number | null;
  /**
   * Number of checkpoints to keep, at least 1. With two, a damaged one costs only the training
   * since the previous one. Default 2.
   */
  keep?: number;
  /** Whether the weights of each arm's best epoch are kept too. Default true. */
  best?: boolean;
}

/** Measures activations before the pooling under each evaluation, before and after fine-tuning. */
export interface ActivationSettings {
  /** Maximum number of held-out images, at least 1. Default 256. */
  images?: number;
}

/**
 * Evaluates each trained arm on corrupted held-out images too, under its own test policy: one
 * evaluation for each corruption and severity.
 */
export interface CorruptionSettings {
  /** Default: the 15 of ImageNet-C. */
  names?: CorruptionName[];
  /** Default: 1 to 5. */
  severities?: CorruptionSeverity[];
  /** The arm whose errors are 100 % in the mean corruption error. Default: the first arm. */
  baseline?: string;
}

/** A new model, created by name. */
export interface NewModel {
  name: ModelName;
  /** Channels of the stem; scales all layers. ResNet50V2 has 64, MobileNetV2 32. */
  width: number;
  folder?: undefined;
}

/** A model folder that arms of one seed are initialised from. */
export interface SeedModel {
  seed: number;
  /** Path of its model folder. */
  folder: string;
  /** SHA-256 of its files, hexadecimal. */
  digest: string;
}

/**
 * A trained model from a folder; all arms without another source are initialised from it. The
 * caller of the experiment opens it.
 */
export interface StoredModel {
  /** Path of its model folder. */
  folder: string;
  /** SHA-256 of its files, hexadecimal. */
  digest: string;
  /** Image size for the model; its own if it accepts any. */
  imageSize: ImageSize;
  /**
   * When the classifier is replaced by a new one: always, or if its number of outputs is not the
   * number of classes of the data set.
   */
  newClassifier: 'always' | 'if-needed';
  /** Instead of `folder`, for these seeds. The models have the same layers. */
  bySeed?: readonly SeedModel[];
}

/**
 * A full factorial over what differs between two arms of another run: which arm and test policy of
 * this experiment is the cell for each combination of the factors.
 */
export interface FactorialDesign {
  /** The arms that are explained: `arm`, which is initialised from `from`, of the run `run`. */
  of: { run: string; arm: string; from: string };
  /** The factors, in stages that follow each other: see `factorialEffects`. */
  stages: readonly { name: string; factors: readonly string[] }[];
  cells: readonly {
    arm: string;
    /** Key of an evaluation, `<policy>@<size>`. */
    policy: string;
    /** The factors that are on. */
    on: readonly string[];
  }[];
  /** The arm that trains everything, but at the size of `from`, under the test policy of `arm`. */
  moreEpochs?: { arm: string; policy: string };
}

/** Data type of the heavy part of a step; weights, statistics and the loss are always float32. */
export type Precision = 'float32' | 'bfloat16';

/** `auto`: the one that the machine of the run computes faster. */
export type PrecisionChoice = Precision | 'auto';

/**
 * Which running statistics of batch normalisation are used to evaluate an arm.
 *
 * - `precise`: after training, they are re-estimated from training images ("PreciseBN", Wu and
 *   Johnson 2021, arXiv 2105.07576); for the evaluation after an epoch also, from fewer images.
 *   This takes one forward pass, whose time counts as training.
 * - `running`: the moving averages over the steps, as in Keras. They lag behind the weights, more
 *   so the shorter the training.
 */
export type NormStatistics = 'precise' | 'running';

/** A complete experiment. Plain data, so it is stored with its run. */
export interface Experiment<
  Arm extends PlannedArm = ArmSpec,
  Arithmetic extends PrecisionChoice = Precision,
> {
  model: NewModel | StoredModel;
  arms: Arm[];
  /** Every arm is evaluated under each of these. They include each arm's own test policy. */
  evaluations: Policy[];
  comparisons: ComparisonSpec[];
  /** All arms run once per seed; a seed determines initial weights, order and augmentation. */
  seeds: number[];
  /** When not all seeds are trained. Default: all are. */
  seedStopping?: SeedStopping;
  batchSize: number;
  /** Arithmetic of the training step. Default `float32`. */
  precision?: Arithmetic;
  /** `auto` if {@link precision} was chosen by the machine on which the run began. */
  precisionChoice?: 'auto';
  /**
   * One for all arms, so that it explains no difference. Default `running`, as in runs stored
   * before the option existed.
   */
  normStatistics?: NormStatistics;
  /** Maximum number of training images used to re-estimate statistics, at least 1. Default 4096. */
  normImages?: number;
  checkpoint?: CheckpointSettings;
  /** `false`: activations are not measured. */
  activations?: ActivationSettings | false;
  /** Default: no corrupted images. */
  corruptions?: CorruptionSettings;
  /** Splits the difference of two arms into the effects of what differs between them. */
  factorial?: FactorialDesign;
}

/** An experiment before `resolveCosts` derives the missing lengths. */
export type PlannedExperiment<Arithmetic extends PrecisionChoice = Precision> = Experiment<
  PlannedArm,
  Arithmetic
>;

/** Name of an evaluation: policy and size. */
export function evaluationKey(policy: Policy): string {
  return policyLabel(policy);
}
