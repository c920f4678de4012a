import {
  type ImageSize,
  imageSizeText,
  isLarger,
  namedPolicy,
  type Policy,
  type PolicyName,
  sidesOf,
  type Size,
} from '@fixres/data';
import type { FreezePolicy, Schedule } from '@fixres/finetune/settings';
import { isModelName, type ModelName, modelNames } from '@fixres/models/names';
import { isSame } from './is-same.ts';
import { FixresRunsError } from '../errors.ts';
import {
  type ComparisonSpec,
  evaluationKey,
  type NormStatistics,
  type PlannedArm,
  type PlannedExperiment,
} from './experiment.ts';
import { type FixresRecipe, fixresRecipes, type RecipeName } from './fixres-recipes.ts';
import { matchedCropSize } from './matched-crop-size.ts';
import { type FixresArm, fixresArms, type PresetName } from './names.ts';
import { allowedBy, isWithin, type SettingRange, settingRanges } from './setting-ranges.ts';

/** Settings of the FixRes experiment. */
export interface FixresSettings {
  /** Policies, optimiser and freeze policy. */
  recipe: RecipeName;
  /** Architecture. */
  model: ModelName;
  /** Channels of the stem. */
  width: number;
  /** Small train size. */
  small: ImageSize;
  /**
   * Large train and fine-tuning size. `matched`: the planner chooses it from the sizes of
   * the images.
   */
  large: ImageSize | 'matched';
  /** Epochs from scratch. */
  epochs: number;
  /** Epochs of fine-tuning. */
  finetuneEpochs: number;
  batchSize: number;
  /** Number of seeds, which are 0 to seedCount-1. */
  seedCount: number;
  /** As in `Experiment`. */
  normStatistics: NormStatistics;
  /** As in `Experiment`. */
  normImages?: number | undefined;
  /** Train policy of the arms from scratch. Default: that of the recipe. */
  trainPolicy?: PolicyName | undefined;
  /**
   * Only these arms, with the comparisons between them. Arms that another is initialised from, or
   * has the cost of, must be among them. Default: all.
   */
  arms?: readonly FixresArm[] | undefined;
}

/**
 * - `keras`: the Keras example "FixRes" (2021) to the letter: ResNet50V2, 128 -> 224, 30 and 10
 *   epochs, batch size 32.
 * - `quick`: the same experiment with a smaller model, schedules for few steps and the short-side
 *   crop as test policy: minutes on two cores.
 * - `paper`: the settings of the paper's authors (arXiv 1906.06423 and their published commands):
 *   SGD with the linear rule, 120 epochs and 31 of fine-tuning with their second policy, classifier
 *   and last statistics only. They use a batch size of 512 on ImageNet.
 * - `matched`: like `keras`, but with the large size and its test policy that the planner finds
 *   matched for the data set.
 */
export const fixresPresets: Readonly<Record<PresetName, FixresSettings>> = {
  quick: {
    recipe: 'quick',
    model: 'resnet14v2',
    width: 16,
    small: 64,
    large: 112,
    epochs: 16,
    finetuneEpochs: 5,
    batchSize: 32,
    seedCount: 1,
    normStatistics: 'precise',
  },
  keras: {
    recipe: 'keras',
    model: 'resnet50v2',
    width: 64,
    small: 128,
    large: 224,
    epochs: 30,
    finetuneEpochs: 10,
    batchSize: 32,
    seedCount: 1,
    normStatistics: 'running',
  },
  paper: {
    recipe: 'paper',
    model: 'resnet50v2',
    width: 64,
    small: 128,
    large: 224,
    epochs: 120,
    finetuneEpochs: 31,
    batchSize: 32,
    seedCount: 1,
    normStatistics: 'precise',
  },
  matched: {
    recipe: 'matched',
    model: 'resnet50v2',
    width: 64,
    small: 128,
    large: 'matched',
    epochs: 30,
    finetuneEpochs: 10,
    batchSize: 32,
    seedCount: 1,
    normStatistics: 'precise',
  },
};

/** For the arm that only evaluates the weights of another. */
const nothingTrains: FreezePolicy = { name: 'none', rules: [], otherwise: 'freeze' };

/**
 * The experiment of the Keras example, without its confounded comparison: in addition to the small
 * arm, the FixRes arm and the vanilla large arm, a control fine-tunes with test-like crops at the
 * small size, and every arm is evaluated under every test policy.
 *
 * @param imageSizes of the training images; required by a size that is `matched`
 * @throws FixresRunsError `bad-option`
 */
export function fixresExperiment(
  settings: FixresSettings,
  imageSizes?: readonly Size[],
): PlannedExperiment {
  checkSettings(settings);
  const recipe = recipeOf(settings);
  const chosen: readonly string[] = settings.arms ?? fixresArms;
  const { small, epochs, finetuneEpochs, batchSize, normStatistics, normImages } = settings;
  const large = settings.large === 'matched' ? matchedSize(settings, imageSizes) : settings.large;
  const sizes = { trainSize: small, size: large };
  const [smallText, largeText] = [imageSizeText(small), imageSizeText(large)];
  const testSmall = recipe.test(small);
  const testLarge = recipe.test(large);
  const fixresLarge = recipe.fixresTest(sizes);
  const scratch = {
    initFrom: null,
    optimizer: recipe.optimizer,
    schedule: recipe.schedule({ epochs, batchSize }),
    freeze: 'all',
  } as const;
  const finetune = {
    initFrom: 'small',
    epochs: finetuneEpochs,
    optimizer: recipe.optimizer,
    schedule: recipe.finetuneSchedule(batchSize),
    freeze: recipe.freeze,
  } as const;
  const allArms: PlannedArm[] = [
    {
      name: 'small',
      description: `From scratch at ${smallText} px with random crops.`,
      ...scratch,
      epochs,
      trainPolicy: recipe.train(small),
      testPolicy: testSmall,
    },
    {
      name: 'untuned',
      description:
        `The weights of small, evaluated like fixres at ${largeText} px without training: the effect ` +
        'of the larger test size.',
      initFrom: 'small',
      epochs: 0,
      optimizer: recipe.optimizer,
      schedule: recipe.finetuneSchedule(batchSize),
      freeze: nothingTrains,
      trainPolicy: recipe.fixresFinetune(sizes),
      testPolicy: fixresLarge,
    },
    {
      name: 'fixres',
      description:
        `Initialised from small; ${recipe.finetuned} fine-tuned at ${largeText} px with test-like ` +
        'crops.',
      ...finetune,
      trainPolicy: recipe.fixresFinetune(sizes),
      testPolicy: fixresLarge,
    },
    {
      name: 'control',
      description:
        `Initialised from small; fine-tuned like fixres, but at ${smallText} px: the effect of ` +
        'test-like crops alone.',
      ...finetune,
      trainPolicy: recipe.controlFinetune(small),
      testPolicy: testSmall,
    },
    {
      name: 'vanilla-equal-cost',
      description:
        `From scratch at ${largeText} px with random crops, with the training compute of small and ` +
        'fixres together.',
      ...scratch,
      schedule: atAnyLength(scratch.schedule, epochs),
      cost: { equalTo: 'fixres' },
      trainPolicy: recipe.train(large),
      testPolicy: testLarge,
    },
    {
      name: 'vanilla',
      description: `From scratch at ${largeText} px with random crops, for as many epochs as small.`,
      ...scratch,
      epochs,
      trainPolicy: recipe.train(large),
      testPolicy: testLarge,
    },
  ];
  const comparisons: ComparisonSpec[] = [
    // The claim: better than the small model, and than training large from scratch for the same compute.
    { a: 'fixres', b: 'small', policy: 'own' },
    { a: 'fixres', b: 'vanilla-equal-cost', policy: 'own' },
    // Under the same test policy: a larger test size also helps what was trained at the large size.
    { a: 'fixres', b: 'vanilla-equal-cost', policy: evaluationKey(fixresLarge) },
    // The sources of the gain.
    { a: 'untuned', b: 'small', policy: 'own' },
    { a: 'fixres', b: 'untuned', policy: 'own' },
    { a: 'fixres', b: 'control', policy: 'own' },
    { a: 'fixres', b: 'vanilla', policy: 'own' },
    ...distinct([fixresLarge, testLarge]).map((policy) => ({
      a: 'fixres',
      b: 'vanilla',
      policy: evaluationKey(policy),
    })),
  ];
  const arms = allArms.filter(({ name }) => chosen.includes(name));
  return {
    model: { name: settings.model, width: settings.width },
    arms,
    evaluations: distinct([testSmall, testLarge, fixresLarge]),
    // If both have the same test policy, "own" is the same comparison.
    comparisons: comparisons
      .filter(
        ({ policy }) => policy === 'own' || evaluationKey(testLarge) !== evaluationKey(fixresLarge),
      )
      .filter(({ a, b }) => chosen.includes(a) && chosen.includes(b)),
    seeds: Array.from({ length: settings.seedCount }, (_, seed) => seed),
    batchSize,
    normStatistics,
    ...(normImages === undefined ? {} : { normImages }),
  };
}

/**
 * A schedule whose rate drops as often in a training of another length as in one of this number of
 * epochs.
 */
export function atAnyLength(schedule: Schedule, epochs: number): Schedule {
  if (schedule.type !== 'step') return schedule;
  const { every = 30, ...rest } = schedule;
  return { ...rest, parts: Math.ceil(epochs / every) };
}

/** Policies without duplicates, in order. */
export function distinct(policies: readonly Policy[]): Policy[] {
  return policies.filter(
    (policy, i) => !policies.slice(0, i).some((earlier) => isSame(earlier, policy)),
  );
}

function recipeOf({ recipe, trainPolicy }: FixresSettings): FixresRecipe {
  const own = fixresRecipes[recipe];
  if (trainPolicy === undefined) return own;
  return { ...own, train: (size) => namedPolicy(trainPolicy, { size }) };
}

function matchedSize(settings: FixresSettings, imageSizes: readonly Size[] | undefined): ImageSize {
  if (imageSizes === undefined) {
    throw new FixresRunsError(
      'bad-option',
      'Option "large" is "matched"; that needs the sizes of the training images.',
    );
  }
  const { small } = settings;
  const { train, fixresTest } = recipeOf(settings);
  return matchedCropSize(imageSizes, train(small), (size) =>
    fixresTest({ trainSize: small, size }),
  );
}

/** Settings that are whole numbers. */
type WholeSetting =
  | 'epochs'
  | 'finetuneEpochs'
  | 'batchSize'
  | 'seedCount'
  | 'width'
  | 'normImages';

function checkSettings(settings: FixresSettings): void {
  const check = (option: WholeSetting, range: SettingRange): void => {
    const value = settings[option];
    if (typeof value === 'number' && isWithin(value, range)) return;
    throw new FixresRunsError(
      'bad-option',
      `Option "${option}" is ${value}; it must be ${allowedBy(range)}.`,
    );
  };
  if (!isModelName(settings.model)) {
    const message = `Option "model" is "${String(settings.model)}"; it must be one of ${modelNames.join(', ')}.`;
    throw new FixresRunsError('bad-option', message);
  }
  const { epochs, batchSize, seedCount, width, images } = settingRanges;
  checkSize('small', settings.small);
  check('epochs', epochs);
  check('finetuneEpochs', epochs);
  check('batchSize', batchSize);
  check('seedCount', seedCount);
  check('width', width);
  if (settings.normImages !== undefined) check('normImages', images);
  checkArms(settings.arms);
  if (settings.large === 'matched') {
    if (settings.recipe === 'matched') return;
    throw new FixresRunsError(
      'bad-option',
      `Option "large" is "matched", which requires the recipe matched, not ${settings.recipe}.`,
    );
  }
  checkSize('large', settings.large);
  if (!isLarger(settings.large, settings.small)) {
    const message = `Option "large" is ${imageSizeText(settings.large)}; it must be larger than "small", which is ${imageSizeText(settings.small)}.`;
    throw new FixresRunsError('bad-option', message);
  }
}

function checkSize(option: 'small' | 'large', size: ImageSize): void {
  const { modelSide } = settingRanges;
  const { height, width } = sidesOf(size);
  if (isWithin(height, modelSide) && isWithin(width, modelSide)) return;
  const allowed =
    typeof size === 'number' ? allowedBy(modelSide) : `two sides, each ${allowedBy(modelSide)}`;
  throw new FixresRunsError(
    'bad-option',
    `Option "${option}" is ${typeof size === 'number' ? size : imageSizeText(size)}; it must be ${allowed}.`,
  );
}

/** Arms that an arm depends on. */
const needs: Partial<Record<FixresArm, FixresArm>> = {
  untuned: 'small',
  fixres: 'small',
  control: 'small',
  'vanilla-equal-cost': 'fixres',
};

function checkArms(arms: FixresSettings['arms']): void {
  if (arms === undefined) return;
  const refuse = (why: string): never => {
    throw new FixresRunsError('bad-option', `Option "arms" is "${arms.join(',')}"; ${why}.`);
  };
  if (arms.length === 0) refuse(`it must name at least one of ${fixresArms.join(', ')}`);
  for (const [i, arm] of arms.entries()) {
    if (!fixresArms.includes(arm)) refuse(`"${arm}" is not one of ${fixresArms.join(', ')}`);
    if (arms.indexOf(arm) < i) refuse(`it names "${arm}" twice`);
    const base = needs[arm];
    if (base !== undefined && !arms.includes(base))
      refuse(`"${arm}" needs "${base}", which must be among them`);
  }
}
