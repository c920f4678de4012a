import { type Experiment, stageOf } from '@fixres/runs';
import * as tf from '@tensorflow/tfjs-core';
import { FixresRunnerError } from '../errors.ts';
import type { ImageSource } from '../images/image-source.ts';
import { startModel, type StartModelOptions, startTeacher } from '../arms/start-model.ts';
import { withArmTraining } from '../speed/arm-training.ts';
import { BatchMixer } from '../training/batch-mixer.ts';
import { withTargets } from '../training/train-arm.ts';
import { createEagerTrainer, type TrainerFactory } from '../training/trainer-factory.ts';
import { trainingRules } from '../training/training-rules.ts';
import { updateBatches } from '../training/update-batches.ts';
import { RateCurve, type RatePoint, steepestRate } from './rate-curve.ts';

export interface RangeTestOptions extends StartModelOptions {
  /** The training images. */
  train: ImageSource;
  /** Name of the arm; default: the first. */
  arm?: string | undefined;
  /** Learning rate of the first update, above 0. Default 1e-7, as in fastai. */
  from?: number | undefined;
  /** Learning rate after the last update, larger than `from`. Default 10. */
  to?: number | undefined;
  /** Maximum number of updates, at least 20. Default 100. */
  updates?: number | undefined;
  /** As in `RunExperimentOptions`. */
  createTrainer?: TrainerFactory;
  /** Called after every update with their number so far. */
  onUpdate?: ((done: number) => void) | undefined;
  onWarning: (message: string) => void;
  signal?: AbortSignal | undefined;
}

/** The result of {@link rangeTest}. Plain data. */
export interface RangeTest {
  arm: string;
  from: number;
  to: number;
  /** Planned updates; fewer are in `points` if the loss diverged. */
  updates: number;
  points: RatePoint[];
  diverged: boolean;
  /** Suggested learning rate, the highest of a schedule; `null` if the losses suggest none. */
  suggestion: number | null;
}

/**
 * Finds a learning rate for an arm (Smith 2017): trains with a rate that grows exponentially until
 * the loss diverges, and suggests the rate at which the smoothed loss fell most steeply. Updates are
 * those of the arm: its optimiser, loss, freeze policy and batch size. Nothing is stored, and the
 * model is disposed.
 *
 * @throws FixresRunnerError `bad-option` for an arm that does not exist, trains nothing, or is
 * initialised from another arm, and for wrong rates; the signal's reason when aborted
 */
export async function rangeTest(
  experiment: Experiment,
  options: RangeTestOptions,
): Promise<RangeTest> {
  const { from = 1e-7, to = 10, updates = 100, createTrainer = createEagerTrainer } = options;
  const { train, onWarning, onUpdate, signal } = options;
  const { ema: _, ...spec } = armOf(experiment, options.arm);
  checkRates(from, to, updates);
  const { batchSize, precision = 'float32', seeds } = experiment;
  const seed = seeds[0]!;
  const { policy } = stageOf(spec, spec.epochs - 1, spec.epochs);
  const { model } = await startModel(experiment.model, seed, options);
  const teacher = await startTeacher(spec, options);
  try {
    return await withArmTraining(model, spec, async (training) => {
      const rules = trainingRules(spec, model, {
        classes: options.classes,
        multiLabel: options.multiLabel,
        images: train.access,
      });
      const trainer = await createTrainer({
        ...training,
        model,
        spec,
        rules: { ...rules, teacher },
        size: policy.output,
        seed,
        batchSize,
        precision,
        train,
        onWarning,
        signal,
      });
      const curve = new RateCurve();
      const mixer = spec.mix && new BatchMixer(spec.mix, options.classes);
      const { sampling, accumulate = 1 } = spec;
      const pass = { policy, batchSize, seed, shuffle: true, sampling, signal };
      let diverged = false;
      try {
        for (let epoch = 0; curve.points.length < updates && !diverged; epoch++) {
          let step = 0;
          for await (const batch of updateBatches(train, { ...pass, epoch }, accumulate)) {
            signal?.throwIfAborted();
            const done = curve.points.length;
            const rate = from * (to / from) ** (done / updates);
            const { labelSmoothing, mix } = spec;
            const mixed = mixer?.mix(batch, { seed, epoch, step }) ?? batch;
            step += 1;
            const given = withTargets(mixed, {
              labelSmoothing,
              mix,
              classes: options.classes,
              multiLabel: options.multiLabel,
            });
            const { loss } = trainer.step(given, rate);
            diverged = curve.add(rate, loss);
            onUpdate?.(done + 1);
            if (diverged || curve.points.length === updates) break;
            // Native steps block the event loop; this lets signals and worker messages through.
            await tf.nextFrame();
          }
        }
      } finally {
        trainer.dispose();
      }
      const { points } = curve;
      const suggestion = steepestRate(points, updates) ?? null;
      return { arm: spec.name, from, to, updates, points, diverged, suggestion };
    });
  } finally {
    model.dispose();
    teacher?.dispose();
  }
}

function armOf({ arms }: Experiment, name: string | undefined): Experiment['arms'][number] {
  const arm = name === undefined ? arms[0]! : arms.find((each) => each.name === name);
  const names = arms.map((each) => each.name).join(', ');
  if (arm === undefined)
    throw bad(`Option "arm" is "${name}"; it must be an arm of the experiment: ${names}.`);
  if (arm.epochs === 0)
    throw bad(`Arm "${arm.name}" trains nothing; choose another arm: ${names}.`);
  if (arm.initFrom !== null)
    throw bad(
      `Arm "${arm.name}" is initialised from "${arm.initFrom}", which is not trained here; choose an arm without initFrom, or initialise the model from a folder.`,
    );
  return arm;
}

function checkRates(from: number, to: number, updates: number): void {
  if (!(from > 0 && Number.isFinite(from)))
    throw bad(`Option "from" is ${from}; it must be a finite number above 0.`);
  if (!(to > from && Number.isFinite(to)))
    throw bad(`Option "to" is ${to}; it must be a finite number above "from", ${from}.`);
  if (!(Number.isInteger(updates) && updates >= 20))
    throw bad(`Option "updates" is ${updates}; it must be a whole number of at least 20.`);
}

function bad(message: string): FixresRunnerError {
  return new FixresRunnerError('bad-option', message);
}
