import { scaledSchedule, WeightAverage } from '@fixres/finetune';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { trainingKind } from '../progress/arm-work.ts';
import {
  type ArmCheckpoint,
  type ArmSpec,
  experimentDefaults,
  imagesPerUpdate,
  stageOf,
  type StateArrays,
  type TrainingProgress,
  type TrainingStage,
} from '@fixres/runs';
import { createOptimizer } from './create-optimizer.ts';
import { judgeEpoch, restoresBest } from './early-stopping.ts';
import { firstNonFinite } from './first-non-finite.ts';
import { frozenNames } from './frozen-names.ts';
import { processShare } from '../cluster/process-share.ts';
import type { TrainingCluster } from '../cluster/training-cluster.ts';
import { takesStepsUnshared } from '../cluster/unshared-steps.ts';
import { unsharedTrainer } from '../cluster/unshared-trainer.ts';
import { FixresRunnerError } from '../errors.ts';
import { memoryNow } from '../progress/memory-now.ts';
import { readWeights, writeWeights } from './model-weights.ts';
import type { ArmContext, PreparedArm } from '../arms/arm-context.ts';
import { trainArm } from './train-arm.ts';
import { createEagerTrainer } from './trainer-factory.ts';
import { trainingRules } from './training-rules.ts';

export interface TrainWeightsOptions extends ArmContext, PreparedArm {
  /** Of a distillation. The caller disposes it. */
  teacher: LayersModel | undefined;
  /** Start of the training. */
  saved: ArmCheckpoint | undefined;
  /** That of `saved`, or none; it is updated. */
  progress: TrainingProgress;
  /** Highest resident set size of the arm so far, in 10^6 bytes. */
  peakRssMb: () => number;
}

/**
 * Trains an arm to its end, with an evaluation after every epoch, and saves checkpoints. Afterwards
 * the model has the final weights of the arm.
 *
 * @returns the weights of the best epoch, if they are kept
 * @throws FixresRunnerError `non-finite-loss`, `tensor-leak`; `paused` with the option `pauseAfter`; the
 * signal's reason when aborted
 */
export async function trainWeights(
  model: LayersModel,
  spec: ArmSpec,
  arranged: TrainWeightsOptions,
): Promise<StateArrays | undefined> {
  const {
    experiment,
    seed,
    options,
    store,
    eta,
    handle,
    groups,
    features,
    statistics,
    tester,
    onWarning,
    length,
    saved,
    progress,
    peakRssMb,
    teacher,
  } = arranged;
  const { memory, onEvent, signal, cluster, pauseAfter = Infinity } = options;
  const requireUnpaused = (): void => {
    if (progress.epoch < pauseAfter) return;
    const message = `Arm "${spec.name}" is paused after epoch ${progress.epoch} of ${length.epochs}.`;
    throw new FixresRunnerError('paused', message);
  };
  // A process that was killed at the end of the epoch has saved it.
  requireUnpaused();
  const images = features.cached?.train ?? options.train;
  const { batchSize, precision = 'float32', checkpoint: settings = {} } = experiment;
  const {
    everyEpochs,
    everySeconds,
    best: keepsBest,
  } = {
    ...experimentDefaults.checkpoint,
    ...settings,
  };
  /** Of processes that all take the same steps. */
  const unshared =
    cluster !== undefined && isUnshared(arranged, { batchSize, cluster }) ? cluster : undefined;
  /** Of processes that each take a part of every step. */
  const sharing = unshared === undefined ? cluster : undefined;
  const train = sharing === undefined ? images : processShare(images, sharing);
  const { name: arm } = spec;
  const { epochs, steps, stepsPerEpoch } = length;
  const stage = (epoch: number): TrainingStage => stageOf(spec, epoch, epochs);
  let best = saved?.best;
  const rules = {
    ...trainingRules(spec, model, {
      classes: options.dataset.classes.length,
      multiLabel: options.dataset.multiLabel,
      images: options.train.access,
    }),
    teacher,
  };
  const perUpdate = imagesPerUpdate(spec, batchSize);
  const optimizer = createOptimizer(spec, handle, groups);
  // See `ArmSpec.ema`.
  const average =
    spec.ema === undefined ? undefined : new WeightAverage(handle, { warmUp: false, ...spec.ema });
  try {
    const { createTrainer = createEagerTrainer } = options;
    const own = await createTrainer({
      model,
      handle,
      optimizer,
      average,
      spec,
      rules,
      size: stage(Math.min(progress.epoch, epochs - 1)).policy.output,
      seed,
      batchSize,
      // Only the frozen layers compute in another one.
      precision: features.cached ? 'float32' : precision,
      train,
      cachedFeatures: features.cached && {
        split: features.cached.split,
        shape: features.plan.shape,
      },
      onWarning,
      signal,
      cluster: sharing,
    });
    const trainer = unshared ? unsharedTrainer(own, { handle, cluster: unshared, onWarning }) : own;
    try {
      if (saved) await trainer.restore(saved.state);
      // Machines differ in the last bits of what they initialise and estimate.
      else if (cluster) await trainer.restore(cluster.share(await trainer.state()));
      const frozen = frozenNames(handle);
      let savedAt = performance.now();
      /** Whether to save by the clock: that of one process decides for all. */
      const isOverdue = (): boolean => {
        const isDue = everySeconds !== null && performance.now() - savedAt >= everySeconds * 1000;
        return cluster === undefined ? isDue : cluster.agreeOnSaving(isDue);
      };
      const save = async (): Promise<void> => {
        if (store === undefined) return;
        const began = performance.now();
        const state = await trainer.state();
        assertFinite(state, progress);
        await store.save(arm, seed, {
          progress: structuredClone(progress),
          peakRssMb: peakRssMb(),
          state,
          best,
          frozen,
        });
        savedAt = performance.now();
        onEvent({
          type: 'checkpoint',
          arm,
          seed,
          epoch: progress.epoch,
          step: progress.step,
          seconds: (savedAt - began) / 1000,
        });
      };
      /** Runs a function with the weights and statistics that the arm is evaluated with. */
      const withWeights = async <T>(work: () => Promise<T>): Promise<T> => {
        await trainer.readBack();
        const { epoch, step } = progress;
        // The last epoch can be shorter.
        const done = Math.min(epoch * stepsPerEpoch + step, steps);
        const tested = (): Promise<T> => statistics.whileTested({ epoch, steps: done }, work);
        return average === undefined ? tested() : average.whileAveraged(tested);
      };

      try {
        await trainArm({
          trainer,
          schedule: scaledSchedule(spec.schedule, perUpdate),
          source: train,
          policy: spec.trainPolicy,
          stage,
          batchSize,
          accumulate: spec.accumulate,
          sampling: spec.sampling,
          ranks: sharing?.ranks,
          epochs,
          steps,
          seed,
          labelSmoothing: spec.labelSmoothing,
          mix: spec.mix,
          classes: options.dataset.classes.length,
          multiLabel: options.dataset.multiLabel,
          progress,
          signal,
          heldOutAccuracy: () => {
            if (unshared !== undefined) {
              // A process that stopped in an epoch is found in the time of a step.
              unshared.vote();
              // What follows from the losses must be the same in all.
              Object.assign(progress, unshared.share(progress));
            }
            return withWeights(() => tester.accuracy(progress.epoch, precision));
          },
          onStep: async (step) => {
            const trained = Math.min(perUpdate, train.size - (step.step - 1) * perUpdate);
            eta.add({
              kind: features.cached ? 'head' : trainingKind(spec),
              images: trained,
              size: stage(step.epoch).policy.output,
            });
            onEvent({
              type: 'progress',
              arm,
              seed,
              phase: 'train',
              epochs,
              ...step,
              etaSeconds: eta.seconds(),
              ...memoryNow(memory),
            });
            // The end of an epoch is saved together with its held-out accuracy.
            const isDue = isOverdue();
            if (isDue && step.step < step.steps) await save();
          },
          onEpoch: async (record) => {
            const isBest = judgeEpoch(progress, record, spec.earlyStopping);
            const restores = restoresBest(spec, progress.best);
            if (isBest && (restores || (keepsBest && store !== undefined)))
              best = await withWeights(() => readWeights(model));
            onEvent({ type: 'epoch', arm, seed, ...record });
            if (options.onEpoch)
              await withWeights(() => options.onEpoch!(arm, seed, record, model));
            if (progress.stopped) {
              const { epoch: bestEpoch, value } = progress.best!;
              onEvent({
                type: 'early-stop',
                arm,
                seed,
                epoch: record.epoch,
                bestEpoch,
                value,
                restored: restores,
              });
            }
            const isLast = progress.stopped || progress.epoch === epochs;
            const isDue = everyEpochs !== null && progress.epoch % everyEpochs === 0;
            const isPaused = progress.epoch >= pauseAfter;
            if (isLast || isDue || isPaused || isOverdue()) await save();
            requireUnpaused();
          },
        });
      } catch (error) {
        // No step is running now, so the state is complete; the work since the last checkpoint is
        // kept.
        if (signal?.aborted) await save();
        throw error;
      }
      await trainer.readBack();
    } finally {
      trainer.dispose();
    }
    if (restoresBest(spec, progress.best)) writeWeights(model, best!);
    else average?.swap();
  } finally {
    optimizer.dispose();
    average?.dispose();
  }
  return best;
}

/**
 * Whether each of several processes trains on whole batches: of cached vectors, on which a step takes
 * less time than an exchange. Otherwise, batch normalisation would have other statistics than those of a
 * part, unless it is synchronised.
 */
function isUnshared(
  { features, handle }: Pick<PreparedArm, 'features' | 'handle'>,
  { batchSize, cluster }: { batchSize: number; cluster: TrainingCluster },
): boolean {
  return (
    features.cached !== undefined &&
    features.plan.form === 'vectors' &&
    handle.moving.length === 0 &&
    takesStepsUnshared(handle.counts.trainable, { batchSize, ranks: cluster.ranks })
  );
}

/**
 * A state with a value that is not finite would replace the last usable one.
 *
 * @throws FixresRunnerError `non-finite-loss`
 */
function assertFinite(state: StateArrays, { epoch, step }: TrainingProgress): void {
  for (const [name, { values }] of state) {
    const wrong = firstNonFinite(values);
    if (wrong === undefined) continue;
    const message =
      `"${name}" became ${wrong} before epoch ${epoch + 1}, step ${step + 1}; the previous ` +
      'checkpoint is kept. Try a lower learning rate.';
    throw new FixresRunnerError('non-finite-loss', message);
  }
}
