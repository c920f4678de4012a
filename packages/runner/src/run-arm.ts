import { applyFreezePolicy, type FreezeHandle, WeightAverage } from '@fixres/finetune';
import type { LayerGroup, ModelCard } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { armActivations } from './analysis/arm-activations.ts';
import { ArmEvaluator } from './arm-evaluator.ts';
import { ArmTester } from './arm-tester.ts';
import { activationWork, armWork, trainingKind } from './arm-work.ts';
import { cachedTrainer } from './cached/cached-trainer.ts';
import { cacheFeatures, type CacheFeaturesResult } from './cached/cache-features.ts';
import type { FeatureShelf } from './cached/feature-shelf.ts';
import type { CheckpointStore, FinishedArm } from './checkpoint-store.ts';
import { armCompute, type ArmImages } from './compute/arm-compute.ts';
import { computeAsItIs } from './compute/image-compute.ts';
import { createOptimizer } from './create-optimizer.ts';
import { judgeEpoch, restoresBest } from './early-stopping.ts';
import { FixresRunnerError } from './errors.ts';
import type { Eta } from './eta.ts';
import type { ActivationRecord } from './events.ts';
import type { ArmSpec, Experiment } from './experiment.ts';
import { groupsOf } from './groups-of.ts';
import { memoryNow } from './memory-now.ts';
import { readWeights, writeWeights } from './model-weights.ts';
import type { RunExperimentOptions } from './run-experiment.ts';
import { trainArm } from './train-arm.ts';
import { createEagerTrainer } from './trainer-factory.ts';
import type { StateArrays } from './trainer.ts';
import { endsWithinEpoch, imagesTrained, trainingLength } from './training-length.ts';
import { noProgress, type TrainingProgress } from './training-progress.ts';

/** What the arms of a run share. */
export interface ArmContext {
  experiment: Experiment;
  seed: number;
  /** What the model's folder will tell about it. */
  card: ModelCard;
  options: RunExperimentOptions;
  store: CheckpointStore | undefined;
  shelf: FeatureShelf;
  eta: Eta;
}

/**
 * Trains and tests an arm, from its latest checkpoint where there is one. Afterwards the model has the arm's weights.
 *
 * @param model with the weights that the arm starts from
 */
export async function runArm(model: LayersModel, spec: ArmSpec, context: ArmContext): Promise<Omit<FinishedArm, 'weights'>> {
  const { experiment, seed, options, shelf, eta } = context;
  const groups = groupsOf(model);
  const handle = await applyFreezePolicy(model, spec.freeze, { groups });
  if (handle.gradientVariables.length === 0 && spec.epochs > 0) {
    throw new FixresRunnerError('bad-option', `Freeze policy "${handle.policy.name}" of arm "${spec.name}" lets no weight train; an arm needs one.`);
  }
  const { batchSize, precision } = experiment;
  const onWarning = tellOnce((message) => options.onEvent({ type: 'warning', message }));
  const features = await cacheFeatures({
    ...options,
    ...spec,
    model,
    handle,
    batchSize,
    trunkPrecision: precision,
    settings: options.features,
    onWarning,
    // Of one seed, the same arm or the same beginning gives the same weights.
    sharing: { shelf, arm: spec.name, origin: JSON.stringify([seed, spec.initFrom]) },
    onFeatures: (images, side) => eta.add({ kind: 'features', images, side }),
  });
  const evaluator = new ArmEvaluator(model, { ...options, ownPolicy: spec.testPolicy, kept: features.cached?.heldOut, batchSize, onWarning });
  try {
    const tester = new ArmTester({ ...options, evaluator, spec, seed, batchSize, eta });
    return await trainAndTest(model, spec, context, { handle, groups, features, tester, onWarning });
  } finally {
    evaluator.dispose();
    await features.cached?.dispose();
  }
}

/** Passes on each message once. */
function tellOnce(tell: (message: string) => void): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (!told.has(message)) tell(message);
    told.add(message);
  };
}

/**
 * A state with a number that is none would replace the last one that is worth to go on from.
 *
 * @throws FixresRunnerError `non-finite-loss`
 */
function assertFinite(state: StateArrays, { epoch, step }: TrainingProgress): void {
  for (const [name, { values }] of state) {
    const wrong = (values as Float32Array).find((value) => !Number.isFinite(value));
    if (wrong === undefined) continue;
    const message = `"${name}" became ${wrong} before epoch ${epoch + 1}, step ${step + 1}; the checkpoint before it is kept. A lower learning rate often helps.`;
    throw new FixresRunnerError('non-finite-loss', message);
  }
}

/** An arm under its freeze policy. */
interface PreparedArm {
  handle: FreezeHandle;
  groups: LayerGroup[];
  features: CacheFeaturesResult;
  tester: ArmTester;
  onWarning: (message: string) => void;
}

async function trainAndTest(model: LayersModel, spec: ArmSpec, context: ArmContext, prepared: PreparedArm): Promise<Omit<FinishedArm, 'weights'>> {
  const { experiment, seed, options, store, eta } = context;
  const { handle, groups, features, tester, onWarning } = prepared;
  const { heldOut, memory, onEvent, signal } = options;
  const train = features.cached?.train ?? options.train;
  const { batchSize, precision = 'float32', checkpoint: settings = {} } = experiment;
  const { everyEpochs = 1, everySeconds = 600, best: keepsBest = true } = settings;
  const { name: arm } = spec;
  const length = trainingLength(spec, { images: train.size, batchSize });
  const { epochs, stepsPerEpoch, steps } = length;
  const trainSide = spec.trainPolicy.output.width;

  const saved = await store?.load(arm, seed);
  const progress: TrainingProgress = saved?.progress ?? noProgress();
  let best: StateArrays | undefined = saved?.best;
  onEvent({
    type: 'arm-start',
    arm,
    seed,
    epochs,
    stepsPerEpoch,
    ...(endsWithinEpoch(length) && { steps }),
    trainableParameters: handle.counts.trainable,
    ...(saved ? { from: { epoch: progress.epoch, step: progress.step } } : {}),
  });
  if (handle.counts.frozen > 0 && epochs > 0) onEvent({ type: 'feature-cache', arm, seed, ...features.plan, ...(features.cached?.from && { from: features.cached.from }) });
  // Of an arm that starts from another, those of the other tell what they were.
  const measuresStored = experiment.model.folder !== undefined && spec.initFrom === null && epochs > 0;
  const isFirstSeed = seed === experiment.seeds[0];
  const images = { train: train.size, heldOut: heldOut.size };
  const toDo = { spec, experiment, images, features: features.cached?.toCompute, isFirstSeed, done: progress, measurements: measuresStored ? 2 : 1 };
  eta.strike(spec, isFirstSeed);
  eta.expect(armWork(toDo));
  const activations: ActivationRecord[] = [];
  const measureActivations = async (state: ActivationRecord['state'], tells = true): Promise<void> => {
    if (!isFirstSeed) return;
    const records = await armActivations(model, { experiment, heldOut, state, signal });
    for (const item of activationWork(experiment, heldOut.size)) eta.add(item);
    activations.push(...records);
    if (tells) for (const record of records) onEvent({ type: 'activations', arm, seed, ...record });
  };
  if (measuresStored) await measureActivations('stored', saved === undefined);
  memory.reset();
  const peakRssMb = (): number => Math.max(saved?.peakRssMb ?? 0, memory.peakMb());

  const optimizer = createOptimizer(spec, handle, groups);
  const average = spec.average === undefined ? undefined : new WeightAverage(handle, spec.average);
  try {
    const { createTrainer = createEagerTrainer } = options;
    const trainer = features.cached
      ? cachedTrainer(model, handle, optimizer, features.cached.split, { average, seed })
      : await createTrainer({ model, handle, optimizer, average, spec, seed, batchSize, precision, train, onWarning, signal });
    try {
      if (saved) await trainer.restore(saved.state);
      let savedAt = performance.now();
      const save = async (): Promise<void> => {
        if (store === undefined) return;
        const began = performance.now();
        const state = await trainer.state();
        assertFinite(state, progress);
        await store.save(arm, seed, { progress: structuredClone(progress), peakRssMb: peakRssMb(), state, best });
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
          steps,
          seed,
          labelSmoothing: spec.labelSmoothing,
          classes: options.dataset.classes.length,
          progress,
          signal,
          heldOutAccuracy: () => withWeights(() => tester.accuracy(progress.epoch, precision)),
          onStep: async (step) => {
            const trained = Math.min(batchSize, train.size - (step.step - 1) * batchSize);
            eta.add({ kind: features.cached ? 'head' : trainingKind(spec), images: trained, side: trainSide });
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
  // Tests at larger sizes may take more.
  const trainingPeak = peakRssMb();
  // Only tests are left, whatever was expected of the training.
  const toTest = { train: 0, heldOut: features.cached?.heldOut && 0 };
  eta.expect(armWork({ ...toDo, features: features.cached && toTest, done: { epoch: epochs, images: 0 }, measurements: 1 }));

  const proof = await handle.verify({ strict: true });
  onEvent({ type: 'frozen-verified', arm, seed, frozen: handle.frozen.length, moved: proof.changed.length });

  await measureActivations('trained');
  const tests = await tester.testUnder(experiment.evaluations, progress.curve.length - 1);
  const compute = trainedCompute(model, spec, { trained: imagesTrained(length, progress.epoch, train.size) });
  // The order of a model's weights follows from what trains; whoever gets the model expects its own.
  handle.restore();
  await options.onModel?.(arm, seed, model, context.card);
  const { trainSeconds, curve } = progress;
  const featuresFrom = features.cached?.from;
  const result = { seed, trainSeconds, ...compute, peakRssMb: trainingPeak, curve, ...tests, activations, ...(featuresFrom && { featuresFrom }) };
  onEvent({ type: 'arm-end', arm, seed, trainSeconds, ...compute, peakRssMb: result.peakRssMb });
  return { result, best: progress.best && best ? { ...progress.best, weights: best } : undefined };
}

/** What an arm's training took, where the kinds of all layers are known. */
function trainedCompute(model: LayersModel, { trainPolicy }: ArmSpec, images: ArmImages): { trainMultiplyAdds?: number } {
  const { unknownLayers, ...image } = computeAsItIs(model, trainPolicy);
  return unknownLayers.length > 0 ? {} : { trainMultiplyAdds: Number(armCompute(image, images)) };
}
