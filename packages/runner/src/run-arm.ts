import type { Policy } from '@fixres/data';
import { applyFreezePolicy, type FreezeHandle, WeightAverage } from '@fixres/finetune';
import { FixresModelsError, type LayerGroup, layerGroups, type ModelCard } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { armActivations } from './analysis/arm-activations.ts';
import { cachedTrainer } from './cached/cached-trainer.ts';
import { cacheFeatures, type CacheFeaturesResult } from './cached/cache-features.ts';
import type { CheckpointStore, FinishedArm } from './checkpoint-store.ts';
import { createOptimizer } from './create-optimizer.ts';
import { judgeEpoch, restoresBest } from './early-stopping.ts';
import { FixresRunnerError } from './errors.ts';
import type { Eta } from './eta.ts';
import { evaluate, type Predictions } from './evaluate.ts';
import type { ActivationRecord, PredictionMetrics } from './events.ts';
import { type ArmSpec, type Experiment, evaluationKey } from './experiment.ts';
import { memoryNow } from './memory-now.ts';
import { describePredictions } from './metrics/describe-predictions.ts';
import { readWeights, writeWeights } from './model-weights.ts';
import type { RunExperimentOptions } from './run-experiment.ts';
import { trainArm } from './train-arm.ts';
import { createEagerTrainer } from './trainer-factory.ts';
import type { StateArrays } from './trainer.ts';
import { noProgress, type TrainingProgress } from './training-progress.ts';

/** What the arms of a run share. */
export interface ArmContext {
  experiment: Experiment;
  seed: number;
  /** What the model's folder will tell about it. */
  card: ModelCard;
  options: RunExperimentOptions;
  store: CheckpointStore | undefined;
  eta: Eta;
}

/**
 * Trains and tests an arm, from its latest checkpoint where there is one. Afterwards the model has the arm's weights.
 *
 * @param model with the weights that the arm starts from
 */
export async function runArm(model: LayersModel, spec: ArmSpec, context: ArmContext): Promise<Omit<FinishedArm, 'weights'>> {
  const { experiment, options } = context;
  const groups = groupsOf(model);
  const handle = await applyFreezePolicy(model, spec.freeze, { groups });
  if (handle.gradientVariables.length === 0) {
    throw new FixresRunnerError('bad-option', `Freeze policy "${handle.policy.name}" of arm "${spec.name}" lets no weight train; an arm needs one.`);
  }
  const features = await cacheFeatures({ ...options, ...spec, model, handle, batchSize: experiment.batchSize, settings: options.features });
  try {
    return await trainAndTest(model, spec, context, { handle, groups, features });
  } finally {
    await features.cached?.dispose();
  }
}

/** The groups of a known architecture; models of others have none, and policies that need some say so. */
function groupsOf(model: LayersModel): LayerGroup[] {
  try {
    return layerGroups(model);
  } catch (error) {
    if (error instanceof FixresModelsError && error.code === 'unknown-architecture') return [];
    throw error;
  }
}

/** An arm under its freeze policy. */
interface PreparedArm {
  handle: FreezeHandle;
  groups: LayerGroup[];
  features: CacheFeaturesResult;
}

async function trainAndTest(model: LayersModel, spec: ArmSpec, context: ArmContext, prepared: PreparedArm): Promise<Omit<FinishedArm, 'weights'>> {
  const { experiment, seed, options, store, eta } = context;
  const { handle, groups, features } = prepared;
  const { heldOut, memory, onEvent, signal } = options;
  const train = features.cached?.train ?? options.train;
  const { batchSize, precision = 'float32', checkpoint: settings = {} } = experiment;
  const { everyEpochs = 1, everySeconds = 600, best: keepsBest = true } = settings;
  const { name: arm, epochs } = spec;
  const trainSide = spec.trainPolicy.output.width;
  const testSide = spec.testPolicy.output.width;
  const trainsAll = spec.freeze === 'all';
  const stepsPerEpoch = Math.ceil(train.size / batchSize);

  const saved = await store?.load(arm, seed);
  const progress: TrainingProgress = saved?.progress ?? noProgress();
  let best: StateArrays | undefined = saved?.best;
  onEvent({
    type: 'arm-start',
    arm,
    seed,
    epochs,
    stepsPerEpoch,
    trainableParameters: handle.counts.trainable,
    ...(saved ? { from: { epoch: progress.epoch, step: progress.step } } : {}),
  });
  if (handle.counts.frozen > 0 && epochs > 0) onEvent({ type: 'feature-cache', arm, seed, ...features.plan });
  const activations: ActivationRecord[] = [];
  const measureActivations = async (state: ActivationRecord['state'], tells = true): Promise<void> => {
    if (seed !== experiment.seeds[0]) return;
    const records = await armActivations(model, { experiment, heldOut, state, signal });
    activations.push(...records);
    if (tells) for (const record of records) onEvent({ type: 'activations', arm, seed, ...record });
  };
  // Of an arm that starts from another, those of the other tell what they were.
  if (experiment.model.folder !== undefined && spec.initFrom === null && epochs > 0) await measureActivations('stored', saved === undefined);
  // Kept features are computed once, whatever the number of epochs.
  const trainShare = features.cached ? features.cached.passes / epochs : 1;
  const testShare = features.cached?.heldOut ? 1 / epochs : 1;
  const skip = (trained: number, tested: number): void => {
    eta.skip(trained, trainSide, trainsAll);
    eta.skip(tested, testSide);
  };
  skip((1 - trainShare) * epochs * train.size, (1 - testShare) * epochs * heldOut.size);
  skip(trainShare * (progress.epoch * train.size + progress.images), testShare * progress.epoch * heldOut.size);
  memory.reset();
  const peakRssMb = (): number => Math.max(saved?.peakRssMb ?? 0, memory.peakMb());

  const evaluateUnder = (policy: Policy, epoch: number, share = 1): Promise<Predictions> => {
    const began = performance.now();
    let before = 0;
    const isOwn = JSON.stringify(policy) === JSON.stringify(spec.testPolicy);
    const { classifier, source } = (isOwn ? features.cached?.heldOut : undefined) ?? { classifier: model, source: heldOut };
    return evaluate(classifier, source, {
      policy,
      batchSize,
      signal,
      onBatch: (images, stall) => {
        eta.add(share * (images - before), policy.output.width);
        before = images;
        onEvent({
          type: 'progress',
          arm,
          seed,
          phase: 'evaluate',
          epoch,
          epochs,
          step: Math.ceil(images / batchSize),
          steps: Math.ceil(heldOut.size / batchSize),
          imagesPerSecond: images / ((performance.now() - began) / 1000),
          stall,
          etaSeconds: eta.seconds(),
          ...memoryNow(memory),
        });
      },
    });
  };

  const optimizer = createOptimizer(spec, handle, groups);
  const average = spec.average === undefined ? undefined : new WeightAverage(handle, spec.average);
  try {
    const { createTrainer = createEagerTrainer } = options;
    const trainer = features.cached
      ? cachedTrainer(model, handle, optimizer, features.cached.split, { average })
      : await createTrainer({ model, handle, optimizer, average, spec, seed, batchSize, precision, train, signal });
    try {
      if (saved) await trainer.restore(saved.state);
      let savedAt = performance.now();
      const save = async (): Promise<void> => {
        if (store === undefined) return;
        const began = performance.now();
        await store.save(arm, seed, { progress: structuredClone(progress), peakRssMb: peakRssMb(), state: await trainer.state(), best });
        savedAt = performance.now();
        onEvent({ type: 'checkpoint', arm, seed, epoch: progress.epoch, step: progress.step, seconds: (savedAt - began) / 1000 });
      };
      /** Runs work with the weights that the arm is judged by. */
      const withWeights = async <T>(work: () => Promise<T>): Promise<T> => {
        await trainer.readBack();
        return average === undefined ? work() : average.whileAveraged(work);
      };

      try {
        await trainArm({
          trainer,
          schedule: spec.schedule,
          source: train,
          policy: spec.trainPolicy,
          batchSize,
          epochs,
          seed,
          labelSmoothing: spec.labelSmoothing,
          classes: options.dataset.classes.length,
          progress,
          signal,
          heldOutAccuracy: async () => {
            const { correct } = await withWeights(() => evaluateUnder(spec.testPolicy, progress.epoch, testShare));
            return count(correct) / correct.length;
          },
          onStep: async (step) => {
            eta.add(trainShare * Math.min(batchSize, train.size - (step.step - 1) * batchSize), trainSide, trainsAll);
            onEvent({ type: 'progress', arm, seed, phase: 'train', epochs, ...step, etaSeconds: eta.seconds(), ...memoryNow(memory) });
            // The end of an epoch is saved with its held-out accuracy.
            const isDue = everySeconds !== null && performance.now() - savedAt >= everySeconds * 1000;
            if (isDue && step.step < step.steps) await save();
          },
          onEpoch: async (record) => {
            const isBest = judgeEpoch(progress, record, spec.earlyStopping);
            const restores = restoresBest(spec, progress.best);
            if (isBest && (restores || (keepsBest && store !== undefined))) best = await withWeights(() => readWeights(model));
            onEvent({ type: 'epoch', arm, seed, ...record });
            if (options.onEpoch) await withWeights(() => options.onEpoch!(arm, seed, record, model));
            if (progress.stopped) {
              const { epoch: bestEpoch, value } = progress.best!;
              onEvent({ type: 'early-stop', arm, seed, epoch: record.epoch, bestEpoch, value, restored: restores });
              const left = epochs - progress.epoch;
              skip(trainShare * left * train.size, testShare * left * heldOut.size);
            }
            const isLast = progress.stopped || progress.epoch === epochs;
            const isDue = everyEpochs !== null && progress.epoch % everyEpochs === 0;
            const isOverdue = everySeconds !== null && performance.now() - savedAt >= everySeconds * 1000;
            if (isLast || isDue || isOverdue) await save();
          },
        });
      } catch (error) {
        // No step is running now, so the state is whole; what was done since the last checkpoint is kept.
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

  const proof = await handle.verify({ strict: true });
  onEvent({ type: 'frozen-verified', arm, seed, frozen: handle.frozen.length, moved: proof.changed.length });

  await measureActivations('trained');
  const correct = new Map<string, Uint8Array>();
  const metrics = new Map<string, PredictionMetrics>();
  for (const policy of experiment.evaluations) {
    const predictions = await evaluateUnder(policy, progress.curve.length - 1);
    correct.set(evaluationKey(policy), predictions.correct);
    const { top1, ...described } = describePredictions(predictions);
    metrics.set(evaluationKey(policy), described);
    await options.onPredictions?.(arm, seed, policy, predictions);
    const { name, output } = policy;
    onEvent({ type: 'evaluation', arm, seed, policy: name, size: output.width, correct: top1.correct, total: top1.total, metrics: described });
  }
  // The order of a model's weights follows from what trains; whoever gets the model expects its own.
  handle.restore();
  await options.onModel?.(arm, seed, model, context.card);
  const { trainSeconds, curve } = progress;
  const result = { seed, trainSeconds, peakRssMb: peakRssMb(), curve, correct, metrics, activations };
  onEvent({ type: 'arm-end', arm, seed, trainSeconds, peakRssMb: result.peakRssMb });
  return { result, best: progress.best && best ? { ...progress.best, weights: best } : undefined };
}

function count(correct: Uint8Array): number {
  return correct.reduce((sum, one) => sum + one, 0);
}
