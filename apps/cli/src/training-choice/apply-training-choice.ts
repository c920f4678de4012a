import {
  atAnyLength,
  type Distillation,
  imagesPerUpdate,
  type OptimizerSpec,
  type PlannedArm,
  type PlannedExperiment,
  type PrecisionChoice,
  recipeSettings,
  type Sampling,
} from '@fixres/runs';
import { FixresRunnerError } from '@fixres/runner';
import { withAugment } from '@fixres/data';
import { augmentationsOf, mixOf } from './augmentations-of.ts';
import type { TrainingChoice } from './training-choice-options.ts';

type Scaling = NonNullable<PlannedArm['schedule']['scaling']>;

/**
 * Applies training options to the arms of an experiment. Arms that train no weight are unchanged.
 * Learning rate and its rule, schedule, warm-up, progressive resizing and early stopping apply only to arms from
 * scratch, because fine-tuning has its own rates and its own size; so do augmentations and mixing,
 * because fine-tuning adapts a model to the images that it is tested on. All other options also
 * apply to arms that are initialised from another one.
 *
 * A recipe changes arms from scratch, before all other options.
 *
 * @param teacher of all arms that train. Default: that of the arm
 * @throws FixresRunnerError for conflicting options
 */
export function applyTrainingChoice(
  experiment: PlannedExperiment<PrecisionChoice>,
  choice: TrainingChoice,
  teacher?: Distillation,
): PlannedExperiment<PrecisionChoice> {
  const { precision = experiment.precision, recipe } = choice;
  const { learningRate: _1, schedule: _2, warmUp: _3, ...rates } = choice;
  const { learningRateRule: _11, referenceBatch: _12, ...others } = rates;
  const { progressive: _4, earlyStopping: _5, augment: _6, colorJitter: _7, ...most } = others;
  const { randomErasing: _8, mixup: _9, cutmix: _10, ...shared } = most;
  // An arm with a derived length uses the schedule of the first arm's length.
  const epochs = experiment.arms[0]?.epochs ?? 1;
  const arms = experiment.arms.map((arm) =>
    arm.epochs === 0
      ? arm
      : {
          ...changed(
            arm.initFrom === null
              ? withRecipe(arm, recipe, choice, { ...experiment, epochs })
              : arm,
            arm.initFrom === null ? choice : shared,
            epochs,
          ),
          ...(teacher && { distill: { ...arm.distill, ...teacher } }),
        },
  );
  return { ...experiment, arms, ...(precision === undefined ? {} : { precision }) };
}

/** An arm with the settings of a recipe. @param epochs of the first arm */
function withRecipe<Arm extends PlannedArm>(
  arm: Arm,
  recipe: TrainingChoice['recipe'],
  choice: TrainingChoice,
  { batchSize, epochs }: { batchSize: number; epochs: number },
): Arm {
  if (recipe === undefined) return arm;
  const { accumulate = arm.accumulate } = choice;
  const updateImages = imagesPerUpdate({ accumulate }, batchSize);
  const { settings, augment } = recipeSettings(recipe, {
    epochs: arm.epochs ?? epochs,
    updateImages,
  });
  // Options for augmentations replace those of the recipe.
  const isAugmented = augmentationsOf(choice).length > 0;
  return {
    ...arm,
    ...settings,
    trainPolicy: isAugmented ? arm.trainPolicy : withAugment(arm.trainPolicy, augment),
  };
}

function changed<Arm extends PlannedArm>(arm: Arm, choice: TrainingChoice, epochs: number): Arm {
  const { ema, earlyStopping, progressive, loss, clipGradients, layerDecay } = choice;
  const { gradientCheckpointing } = choice;
  const { labelSmoothing, classWeights, sampling, accumulate, dropPath, dropout } = choice;
  const schedule = scheduleOf(arm, choice);
  const augmentations = augmentationsOf(choice);
  const mix = mixOf(choice);
  return {
    ...arm,
    optimizer: optimizerOf(arm, choice),
    schedule:
      arm.cost === undefined || 'parts' in schedule ? schedule : atAnyLength(schedule, epochs),
    ...(augmentations.length > 0 && {
      trainPolicy: withAugment(arm.trainPolicy, augmentations),
    }),
    ...(labelSmoothing !== undefined && { labelSmoothing }),
    ...(mix && { mix }),
    ...(loss !== undefined && { loss: arm.loss?.type === loss ? arm.loss : { type: loss } }),
    ...(classWeights !== undefined && { classWeights }),
    ...(sampling !== undefined && { sampling: samplingOf(sampling) }),
    ...(clipGradients !== undefined && { clipGradients: clippingOf(clipGradients) }),
    ...(accumulate !== undefined && { accumulate }),
    ...(dropPath !== undefined && { dropPath }),
    ...(dropout !== undefined && { dropout }),
    ...(gradientCheckpointing && { gradientCheckpointing }),
    ...(layerDecay !== undefined && { layerRates: { decay: layerDecay } }),
    ...(ema !== undefined && { ema: { warmUp: true, ...(ema !== true && { momentum: ema }) } }),
    ...(progressive !== undefined && { progressive: { ...arm.progressive, from: progressive } }),
    ...(earlyStopping !== undefined && { earlyStopping: { patience: earlyStopping } }),
  };
}

function optimizerOf(
  arm: PlannedArm,
  { optimizer, momentum, nesterov, weightDecay, decayExclude: exclude }: TrainingChoice,
): OptimizerSpec | undefined {
  const { optimizer: own = { type: 'adam' } as const } = arm;
  const given = [optimizer, momentum, nesterov, weightDecay, exclude];
  if (given.every((each) => each === undefined)) return arm.optimizer;
  const base: OptimizerSpec =
    optimizer === undefined || optimizer === own.type ? own : { type: optimizer };
  if (momentum !== undefined && base.type !== 'sgd' && base.type !== 'rmsprop')
    throw bad('Option --momentum requires --optimizer sgd or rmsprop.');
  if (nesterov !== undefined && base.type !== 'sgd')
    throw bad('Option --nesterov requires --optimizer sgd.');
  const rate = weightDecay ?? base.weightDecay?.rate;
  if (exclude !== undefined && rate === undefined)
    throw bad('Option --decay-exclude requires --weight-decay.');
  return {
    ...base,
    ...(momentum !== undefined && { momentum }),
    ...(nesterov !== undefined && { nesterov }),
    ...(rate !== undefined && {
      weightDecay: { ...base.weightDecay, rate, ...(exclude !== undefined && { exclude }) },
    }),
  };
}

/** From the option's text, which it has checked. */
function samplingOf(text: string): Sampling {
  if (text === 'class-balanced') return text;
  return { repeatedAugmentation: Number(text.split('=')[1]) };
}

/** From `KIND=LIMIT`, which the option has checked. */
function clippingOf(text: string): NonNullable<PlannedArm['clipGradients']> {
  const [kind, limit] = text.split('=') as ['norm' | 'value' | 'adaptive', string];
  return { [kind]: Number(limit) } as NonNullable<PlannedArm['clipGradients']>;
}

function bad(message: string): FixresRunnerError {
  return new FixresRunnerError('bad-option', message);
}

function scheduleOf({ schedule: own }: PlannedArm, choice: TrainingChoice): PlannedArm['schedule'] {
  const { schedule, learningRate, warmUp } = choice;
  const { scaling: ownScaling, ...unscaled } = own;
  const base =
    schedule === undefined || schedule === own.type
      ? unscaled
      : { type: schedule, rate: own.rate, ...(own.warmUp && { warmUp: own.warmUp }) };
  const scaling = scalingOf(ownScaling, choice);
  return {
    ...base,
    ...(learningRate !== undefined && { rate: learningRate }),
    ...(warmUp !== undefined && { warmUp: { ...base.warmUp, epochs: warmUp } }),
    ...(scaling && { scaling }),
  };
}

/** @param own that of the arm */
function scalingOf(
  own: Scaling | undefined,
  { learningRate, learningRateRule: rule = own?.rule, referenceBatch }: TrainingChoice,
): Scaling | undefined {
  if (rule === undefined || rule === 'none') {
    if (referenceBatch !== undefined)
      throw bad('Option --reference-batch requires --learning-rate-rule linear or square-root.');
    return undefined;
  }
  // The rates of presets and recipes are already those for the batch of the run.
  if (own === undefined && learningRate === undefined)
    throw bad(`Option --learning-rate-rule ${rule} requires --learning-rate.`);
  return { ...own, rule, ...(referenceBatch !== undefined && { referenceBatch }) };
}
