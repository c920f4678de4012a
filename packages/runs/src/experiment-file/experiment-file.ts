import type { AugmentName, CorruptionName, CorruptionSeverity, PolicyName } from '@fixres/data';
import type { DeviceChoice, EngineChoice } from '@fixres/engine/names';
import type { ModelName } from '@fixres/models/names';
import type { DatasetChoice } from '../experiment/dataset-choice.ts';
import type { LossSpec, OptimizerSpec, Sampling } from '../experiment/experiment.ts';
import type { FurtherLog, PresetName, TrainingRecipeName } from '../experiment/names.ts';
import type { SizeEntry } from './size-entry.ts';

/** A policy by its name. */
interface NamedPolicyEntry {
  policy: PolicyName;
  /**
   * Size of the output; `matched`: the size that the planner finds matched for the train
   * policy of the arm from scratch; `measured`: the size at which the first arm is most accurate
   * on training images that are held back, among the listed sizes or default ones.
   */
  size: SizeEntry | { measured: SizeEntry[] };
  /** For `fixresTest` and `fixresFinetune`. Default: the train size of the arm from scratch. */
  trainSize?: SizeEntry | undefined;
  /** Mirror half of the images. */
  flip?: boolean | undefined;
  augment?: AugmentationEntry[] | undefined;
}

/** An augmentation after all geometry: its name, or its step with some of its settings. */
type AugmentationEntry = AugmentName | { op: AugmentName | 'colorJitter' };

/** A complete policy, as `@fixres/data` stores it. */
interface WholePolicyEntry {
  version: 1;
  name: string;
  output: { width: number; height: number };
  steps: { op: string }[];
  /** Appended to the steps. */
  augment?: AugmentationEntry[] | undefined;
}

export type PolicyEntry = NamedPolicyEntry | WholePolicyEntry;

/** `@fixres/finetune` checks it further. */
interface FreezePolicyEntry {
  name: string;
  rules: unknown[];
  otherwise: string;
}

/** How an arm trains, independent of its images. */
interface TrainingEntry {
  /** 0 only in arms: nothing trains. */
  epochs: number;
  /** Maximum number of updates. */
  steps?: number | undefined;
  /** A published recipe, for the settings that are not given. */
  recipe?: TrainingRecipeName | undefined;
  /** A constant rate; shorthand for a schedule. */
  learningRate?: number | undefined;
  schedule?: { type: 'constant' | 'step' | 'cosine'; rate: number } | undefined;
  optimizer?: OptimizerSpec['type'] | { type: OptimizerSpec['type'] } | undefined;
  layerRates?: object | undefined;
  /** Moving average of the weights. */
  ema?: true | object | undefined;
  labelSmoothing?: number | undefined;
  /** Mixup and CutMix. */
  mix?:
    | {
        mixup?: number | undefined;
        cutmix?: number | undefined;
        probability?: number | undefined;
        switchProbability?: number | undefined;
      }
    | undefined;
  loss?: LossSpec['type'] | { type: LossSpec['type'] } | undefined;
  /** A list has one factor for each class. */
  classWeights?: 'balanced' | number[] | undefined;
  sampling?: Sampling | undefined;
  /** Limits the gradients of each update. */
  clipGradients?: object | undefined;
  /** Number of batches of each update. */
  accumulate?: number | undefined;
  /** Stochastic depth: probability of skipping the last residual block. */
  dropPath?: number | undefined;
  /** Dropout before the classifier. */
  dropout?: number | undefined;
  /** Computes activations again in the backward pass, in less memory. */
  gradientCheckpointing?: boolean | undefined;
  earlyStopping?: { patience: number } | undefined;
  /** Also learns from another model; the folder is relative to the file. */
  distill?: { teacher: string } | undefined;
  /** Trains at smaller sizes first. */
  progressive?: { from: SizeEntry } | undefined;
}

export interface ArmEntry extends Omit<TrainingEntry, 'epochs'> {
  name: string;
  description?: string | undefined;
  /** Earlier arm that this arm is initialised from. */
  initFrom?: string | null | undefined;
  trainPolicy: PolicyEntry;
  testPolicy: PolicyEntry;
  /** Alternatively, a cost. */
  epochs?: number | undefined;
  cost?: { equalTo: string } | undefined;
  /** Default `all`. */
  freeze?: string | FreezePolicyEntry | undefined;
}

export interface GridEntry {
  /** Arms from scratch, one for each image size. */
  train: TrainingEntry & {
    trainPolicy: PolicyName;
    testPolicy?: PolicyName | undefined;
    augment?: AugmentationEntry[] | undefined;
    imageSizes: SizeEntry[];
  };
  /** Arms initialised from each of these: one for each policy and each freeze policy. */
  finetune?:
    | (TrainingEntry & {
        policies: { trainPolicy: PolicyEntry; testPolicy: PolicyEntry }[];
        freeze: (string | FreezePolicyEntry)[];
      })
    | undefined;
}

/** Seeds that stop by themselves. Arms are given as `a - b`. */
export interface SeedsUntil {
  until:
    | { difference: string; halfWidth: number; excludes0?: undefined; policy?: string | undefined }
    | { excludes0: string; policy?: string | undefined };
  /** Default 20. */
  max?: number | undefined;
}

/** The data set of a file. Paths are relative to the file. */
export type DatasetEntry = DatasetChoice;

interface NewModelEntry {
  name?: ModelName | undefined;
  width?: number | undefined;
  folder?: undefined;
}

/** A trained model that arms without `initFrom` are initialised from. */
interface StoredModelEntry {
  /** Relative to the file. */
  folder: string;
  /** Image size for a model that takes only one size. Default: the size of the first arm's test policy. */
  imageSize?: SizeEntry | undefined;
  /** Default `if-needed`. */
  newClassifier?: 'always' | 'if-needed' | undefined;
}

/** An experiment file, in YAML or JSON. `experiment.schema.json` describes every field. */
export interface ExperimentFile {
  version: 1;
  dataset: string | DatasetEntry;
  preset?: PresetName | undefined;
  /** Sizes and epochs that differ from the preset. */
  sizes?: { small?: SizeEntry | undefined; large?: SizeEntry | undefined } | undefined;
  epochs?: number | undefined;
  finetuneEpochs?: number | undefined;
  model?: NewModelEntry | StoredModelEntry | undefined;
  arms?: ArmEntry[] | undefined;
  grid?: GridEntry | undefined;
  evaluations?: PolicyEntry[] | undefined;
  comparisons?: { a: string; b: string; policy?: string | undefined }[] | undefined;
  /** A list of seeds, or seeds 0, 1, 2 and so on until a comparison is precise enough; alternatively, `seedCount`. */
  seeds?: number[] | SeedsUntil | undefined;
  /** Number of seeds, which are then 0, 1, 2 and so on. Default 1. */
  seedCount?: number | undefined;
  batchSize?: number | undefined;
  /** `auto`: the one that the machine computes faster. Default `float32`. */
  precision?: 'auto' | 'float32' | 'bfloat16' | undefined;
  /** Default: the value of the preset; `precise` for arms and grids. */
  normStatistics?: 'precise' | 'running' | undefined;
  normImages?: number | undefined;
  deterministic?: boolean | undefined;
  engine?: EngineChoice | undefined;
  device?: DeviceChoice | undefined;
  /** Maximum memory of the process: `4GB`. Default: no maximum. */
  memory?: string | undefined;
  checkpoint?:
    | {
        everyEpochs?: number | null | undefined;
        everySeconds?: number | null | undefined;
        keep?: number | undefined;
        best?: boolean | undefined;
      }
    | undefined;
  activations?: { images?: number | undefined } | false | undefined;
  /** Evaluates the trained arms on corrupted images too; `true`: with all defaults. */
  corruptions?:
    | boolean
    | {
        names?: CorruptionName[] | undefined;
        severities?: CorruptionSeverity[] | undefined;
        baseline?: string | undefined;
      }
    | undefined;
  logs?: FurtherLog[] | undefined;
}
