import {
  atAnyLength,
  type OptimizerSpec,
  type PlannedArm,
  type PlannedExperiment,
  type PrecisionChoice,
} from '@fixres/runs';
import { FixresRunnerError } from '@fixres/runner';
import { withAugment } from '@fixres/data';
import { augmentationsOf, mixOf } from './augmentations-of.ts';
import type { TrainingChoice } from './training-choice-options.ts';

/**
 * Applies training options to the arms of an experiment. Arms that train no weight are unchanged.
 * Arms that are initialised from another one take optimizer, momentum, weight decay, label
 * smoothing and average. Learning rate, schedule, warm-up and early stopping apply only to arms
 * from scratch, because fine-tuning has its own rates; so do augmentations and mixing, because
 * fine-tuning adapts a model to the images that it is tested on.
 *
 * @throws FixresRunnerError for conflicting options
 */
export function applyTrainingChoice(
  experiment: PlannedExperiment<PrecisionChoice>,
  choice: TrainingChoice,
): PlannedExperiment<PrecisionChoice> {
  const { precision = experiment.precision } = choice;
  const { optimizer, momentum, weightDecay, labelSmoothing, ema } = choice;
  const shared = { optimizer, momentum, weightDecay, labelSmoothing, ema };
  // An arm with a derived length uses the schedule of the first arm's length.
  const epochs = experiment.arms[0]?.epochs ?? 1;
  const arms = experiment.arms.map((arm) =>
    arm.epochs === 0 ? arm : changed(arm, arm.initFrom === null ? choice : shared, epochs),
  );
  return { ...experiment, arms, ...(precision === undefined ? {} : { precision }) };
}

function changed<Arm extends PlannedArm>(arm: Arm, choice: TrainingChoice, epochs: number): Arm {
  const { labelSmoothing, ema, earlyStopping } = choice;
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
    ...(ema !== undefined && { ema: { warmUp: true, ...(ema !== true && { momentum: ema }) } }),
    ...(earlyStopping !== undefined && { earlyStopping: { patience: earlyStopping } }),
  };
}

function optimizerOf(
  arm: PlannedArm,
  { optimizer, momentum, weightDecay }: TrainingChoice,
): OptimizerSpec | undefined {
  const { optimizer: own = { type: 'adam' } as const } = arm;
  if (optimizer === undefined && momentum === undefined && weightDecay === undefined)
    return arm.optimizer;
  const base: OptimizerSpec =
    optimizer === undefined || optimizer === own.type ? own : { type: optimizer };
  if (momentum !== undefined && base.type !== 'sgd')
    throw new FixresRunnerError('bad-option', 'Option --momentum requires --optimizer sgd.');
  return {
    ...base,
    ...(momentum !== undefined && { momentum }),
    ...(weightDecay !== undefined && { weightDecay: { ...base.weightDecay, rate: weightDecay } }),
  };
}

function scheduleOf(
  { schedule: own }: PlannedArm,
  { schedule, learningRate, warmUp }: TrainingChoice,
): PlannedArm['schedule'] {
  const base =
    schedule === undefined || schedule === own.type
      ? own
      : { type: schedule, rate: own.rate, ...(own.warmUp && { warmUp: own.warmUp }) };
  return {
    ...base,
    ...(learningRate !== undefined && { rate: learningRate }),
    ...(warmUp !== undefined && { warmUp: { ...base.warmUp, epochs: warmUp } }),
  };
}
