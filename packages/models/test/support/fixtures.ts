import { readFileSync } from 'node:fs';

/**
 * One layer configuration of `batch_norm_cases` in scripts/make-keras-fixtures.py. Lists are flat.
 */
export interface BatchNormCase {
  shape: number[];
  options: {
    momentum?: number;
    epsilon?: number;
    scale?: boolean;
    center?: boolean;
    axis?: number;
  };
  inference: number[];
  y: number[];
  dx: number[];
  gradients: { gamma?: number[]; beta?: number[] };
  movingMeanAfterTwo: number[];
  movingVarianceAfterTwo: number[];
}

/** test/fixtures/kernels.json */
export interface KernelFixtures {
  batchNorm: BatchNormCase[];
  crossEntropy: { labels: number[]; loss: number[]; gradient: number[][] };
  softCrossEntropy: { targets: number[][]; loss: number[]; gradient: number[][] };
  relu: { gradient: number[] };
  relu6: { gradient: number[] };
  adam: OptimizerCase;
  adamDecay: OptimizerCase;
  sgd: Record<'plain' | 'momentum' | 'nesterov' | 'decay', OptimizerCase>;
}

/** `optimizer_steps`: the variables a and b after each step. */
interface OptimizerCase {
  steps: [a: number[], b: number[]][];
}

/**
 * test/fixtures/torch.json, written by scripts/make-torch-fixtures.py: a variable after each step.
 */
export interface TorchFixtures {
  sgd: Record<'plain' | 'momentum' | 'nesterov', number[][]>;
}

/**
 * test/fixtures/architecture.json, by model name. A layer is its name and its weights; a weight is
 * its name and shape.
 */
export type ArchitectureFixtures = Record<
  string,
  { parameters: number; parametersWithoutTop: number; layers: [string, [string, number[]][]][] }
>;

/** test/fixtures/training-SIZE.json. `features` contains every 32nd channel. */
export interface TrainingFixture {
  size: number;
  labels: number[][];
  features: number[][];
  logits: number[][];
  probabilities: number[][];
  losses: number[];
  probabilitiesAfter: number[][];
  weights: Record<string, { norm: number; change: number; samples: number[] }>;
}

/** test/fixtures/mobilenet.json: alpha 0.35 with five classes, except for `widths`. */
export interface MobileNetFixture {
  /** By alpha; kernels as `3x3x16x1`, in the order of the layers. */
  widths: Record<string, { parameters: number; parametersWithoutTop: number; kernels: string[] }>;
  /**
   * Probabilities at 64 x 64 and at 90 x 75 pixels, of models with variable and fixed input sizes.
   */
  forward: Record<'open64' | 'openOdd' | 'givenOdd', number[][]>;
  training: {
    labels: number[][];
    losses: number[];
    /** Norm, then first, middle and last element. */
    gradients: Record<string, [number, number, number, number]>;
    /** The first three elements. */
    statistics: Record<string, number[]>;
  };
}

/**
 * test/fixtures/multiply-adds.json: model, stem width, height and width of the image,
 * multiply-adds.
 */
export type MultiplyAddsFixture = [
  name: string,
  width: number,
  size: [number, number],
  multiplyAdds: number,
][];

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));
}

export const kernelFixtures = (): KernelFixtures => read('kernels') as KernelFixtures;
export const torchFixtures = (): TorchFixtures => read('torch') as TorchFixtures;
export const architectureFixtures = (): ArchitectureFixtures =>
  read('architecture') as ArchitectureFixtures;
export const trainingFixture = (size: number): TrainingFixture =>
  read(`training-${size}`) as TrainingFixture;
export const mobileNetFixture = (): MobileNetFixture => read('mobilenet') as MobileNetFixture;
export const multiplyAddsFixture = (): MultiplyAddsFixture =>
  read('multiply-adds') as MultiplyAddsFixture;

/** A loss of a batch, and its gradient with respect to the logits. */
interface LossCase {
  loss: number;
  gradient: number[];
}

/** test/fixtures/recipe.json, written by scripts/make-recipe-fixtures.py. */
export interface RecipeFixtures {
  losses: Record<
    | 'binary'
    | 'binarySoft'
    | 'binarySum'
    | 'binaryThreshold'
    | 'binaryWeights'
    | 'weighted'
    | 'weightedSoft'
    | 'distillation'
    | 'distillationSharp'
    | 'multiLabel'
    | 'multiLabelWeights'
    | 'multiLabelFocal'
    | 'multiLabelFocalWeights',
    LossCase
  >;
  optimizers: Record<'lamb' | 'lambDecay' | 'rmsprop' | 'rmspropDecay', OptimizerCase>;
  /** Gradients by variable, in torch's layout. */
  clipping: Record<
    'none' | 'norm' | 'normBelow' | 'value' | 'adaptive',
    Record<'kernel' | 'depthwise' | 'bias' | 'head', number[]>
  >;
  kerasLosses: Record<'focal' | 'focalWeights', LossCase>;
  kerasRmsprop: OptimizerCase;
}

export const recipeFixtures = (): RecipeFixtures => read('recipe') as RecipeFixtures;
