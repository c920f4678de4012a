import type { AugmentEntry } from '@fixres/data';
import type { ArmSpec, OptimizerSpec } from './experiment.ts';
import type { TrainingRecipeName } from './names.ts';

/** A published training recipe, as far as an arm can have it. */
interface TrainingRecipe {
  settings: Pick<
    ArmSpec,
    'optimizer' | 'loss' | 'labelSmoothing' | 'clipGradients' | 'dropPath' | 'mix' | 'sampling'
  >;
  /** Augmentations of its training images, after the crop and the flip. */
  augment: AugmentEntry[];
  /** Highest learning rate, for updates of this number of images. */
  rate: number;
  updateImages: number;
  /**
   * Exponent of the number of images in the learning rate: 1/2 for LAMB, as timm scales adaptive
   * optimisers, and 1 for SGD (Goyal et al. 2017).
   */
  scaling: number;
  /** Length of the warm-up as a fraction of the training. */
  warmUp: number;
}

const lamb = (rate: number): OptimizerSpec => ({
  type: 'lamb',
  weightDecay: { rate, exclude: 'norm-and-bias' },
});

/**
 * - `resnet-strikes-back-a3`: procedure A3 of "ResNet strikes back" (Wightman et al. 2021, table 2).
 * - `deit3`: "DeiT III" (Touvron et al. 2022), the authors' command for ViT-S on ImageNet-1k.
 * - `keras`: KerasCV's `basic_training.py` for ImageNet, with its schedule with a warm-up.
 *
 * What each leaves out is in docs/recipe.md.
 */
const trainingRecipes: Readonly<Record<TrainingRecipeName, TrainingRecipe>> = {
  'resnet-strikes-back-a3': {
    settings: {
      optimizer: lamb(0.02),
      loss: { type: 'binary-cross-entropy', threshold: 0.2 },
      // The default of timm's LAMB.
      clipGradients: { norm: 1 },
      mix: { mixup: 0.1, cutmix: 1 },
    },
    // timm's rand-m6-n2-mstd0.5: 6 ± 0.5 of 10, on torchvision's scale of 30; each operation happens
    // with probability 0.5, timm's default.
    augment: [{ op: 'randAugment', numOps: 2, magnitude: 18, magnitudeStd: 1.5, probability: 0.5 }],
    rate: 8e-3,
    updateImages: 2048,
    scaling: 0.5,
    warmUp: 5 / 100,
  },
  deit3: {
    settings: {
      optimizer: lamb(0.05),
      // After mixing, every class that an image has anything of is a target of 1.
      loss: { type: 'binary-cross-entropy', threshold: 0 },
      // The default of the fused LAMB in their command.
      clipGradients: { norm: 1 },
      dropPath: 0.05,
      mix: { mixup: 0.8, cutmix: 1 },
      // DeiT's number.
      sampling: { repeatedAugmentation: 3 },
    },
    // Its colour jitter of 0.3 is the default of the step.
    augment: ['threeAugment'],
    rate: 4e-3,
    updateImages: 2048,
    scaling: 0.5,
    warmUp: 5 / 800,
  },
  keras: {
    settings: {
      optimizer: { type: 'sgd', momentum: 0.9 },
      labelSmoothing: 0.1,
      // KerasCV's defaults.
      mix: { mixup: 0.2, cutmix: 1 },
    },
    // Magnitude 0.3 of 1, on torchvision's scale of 30, and KerasCV's number of operations.
    augment: [{ op: 'randAugment', numOps: 3, magnitude: 9 }],
    rate: 0.05,
    updateImages: 128,
    scaling: 1,
    warmUp: 0.1,
  },
};

/**
 * The settings of an arm under a recipe, with its learning rate scaled to the arm's updates, and the
 * augmentations of its train policy.
 *
 * @param epochs of the arm; of an arm of the same experiment if its length is derived
 * @param updateImages number of images of an update
 */
export function recipeSettings(
  name: TrainingRecipeName,
  { epochs, updateImages }: { epochs: number; updateImages: number },
): {
  settings: TrainingRecipe['settings'] & Pick<ArmSpec, 'schedule'>;
  augment: AugmentEntry[];
} {
  const recipe = trainingRecipes[name];
  const rate = recipe.rate * (updateImages / recipe.updateImages) ** recipe.scaling;
  // Three digits, so that files stay readable.
  const schedule = {
    type: 'cosine',
    rate: Number(rate.toPrecision(3)),
    warmUp: { epochs: Number((recipe.warmUp * epochs).toPrecision(3)) },
  } as const;
  return { settings: { ...recipe.settings, schedule }, augment: recipe.augment };
}
