import { applyFreezePolicy, type FreezeHandle } from '@fixres/finetune';
import type { ModelCard } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { armActivations } from './analysis/arm-activations.ts';
import { ArmEvaluator } from './arm-evaluator.ts';
import { ArmStatistics } from './arm-statistics.ts';
import { ArmTester } from './arm-tester.ts';
import { activationWork, armWork } from './arm-work.ts';
import { cacheFeatures } from './cached/cache-features.ts';
import type { FeatureShelf } from './cached/feature-shelf.ts';
import {
  type ActivationRecord,
  type ArmSpec,
  type CheckpointStore,
  endsWithinEpoch,
  type Experiment,
  type FinishedArm,
  imagesTrained,
  noProgress,
  noWeightTrains,
  trainingLength,
  type TrainingProgress,
} from '@fixres/runs';
import { armCompute, type ArmImages } from './compute/arm-compute.ts';
import { countCompute } from './compute/image-compute.ts';
import type { Eta } from './eta.ts';
import { groupsOf } from './groups-of.ts';
import type { RunExperimentOptions } from './run-experiment.ts';
import { type PreparedArm, trainWeights } from './train-weights.ts';

/** What the arms of a run share. */
export interface ArmContext {
  experiment: Experiment;
  seed: number;
  /** Metadata for the model's folder. */
  card: ModelCard;
  options: RunExperimentOptions;
  store: CheckpointStore | undefined;
  shelf: FeatureShelf;
  eta: Eta;
}

/**
 * Trains and evaluates an arm, from its latest checkpoint if there is one. Afterwards the model has
 * the arm's weights.
 *
 * @param model with the initial weights of the arm
 */
export async function runArm(
  model: LayersModel,
  spec: ArmSpec,
  context: ArmContext,
): Promise<Omit<FinishedArm, 'weights'>> {
  const { experiment, seed, options, shelf, eta } = context;
  const groups = groupsOf(model);
  const handle = await applyFreezePolicy(model, spec.freeze, { groups });
  if (handle.gradientVariables.length === 0 && spec.epochs > 0)
    throw noWeightTrains(spec, handle.policy.name);
  const { batchSize, precision } = experiment;
  const length = trainingLength(spec, { images: options.train.size, batchSize });
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
    sharing: { shelf, arm: spec.name, origin: originOf(spec, seed, handle) },
    onFeatures: (images, side) => eta.add({ kind: 'features', images, side }),
  });
  const evaluator = new ArmEvaluator(model, {
    ...options,
    ownPolicy: spec.testPolicy,
    kept: features.cached?.heldOut,
    batchSize,
    onWarning,
  });
  const statistics = new ArmStatistics({
    ...options,
    model,
    handle,
    experiment,
    spec,
    length,
    seed,
    cached: features.cached,
    eta,
    onWarning,
  });
  try {
    const tester = new ArmTester({
      ...options,
      evaluator,
      spec,
      epochs: length.epochs,
      seed,
      batchSize,
      eta,
    });
    return await trainAndTest(model, spec, context, {
      handle,
      groups,
      features,
      length,
      statistics,
      tester,
      onWarning,
    });
  } finally {
    evaluator.dispose();
    statistics.dispose();
    await features.cached?.dispose();
  }
}

/**
 * Identifies the weights of an arm's frozen layers: for one seed, the same initial arm or model,
 * and the statistics that are re-estimated from the arm's views.
 */
function originOf({ name, initFrom }: ArmSpec, seed: number, handle: FreezeHandle): string {
  const isRecalibrated = handle.layers.some(({ mode }) => mode === 'recalibrate');
  return JSON.stringify([seed, initFrom, ...(isRecalibrated ? [name] : [])]);
}

/** Passes each message on once. */
function tellOnce(tell: (message: string) => void): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (!told.has(message)) tell(message);
    told.add(message);
  };
}

async function trainAndTest(
  model: LayersModel,
  spec: ArmSpec,
  context: ArmContext,
  prepared: PreparedArm,
): Promise<Omit<FinishedArm, 'weights'>> {
  const { experiment, seed, options, store, eta } = context;
  const { handle, features, length, statistics, tester } = prepared;
  const { heldOut, memory, onEvent, signal } = options;
  const train = features.cached?.train ?? options.train;
  const { name: arm } = spec;
  const { epochs } = length;

  const saved = await store?.load(arm, seed);
  const progress: TrainingProgress = saved?.progress ?? noProgress();
  onEvent({
    type: 'arm-start',
    arm,
    seed,
    epochs,
    stepsPerEpoch: length.stepsPerEpoch,
    ...(endsWithinEpoch(length) && { steps: length.steps }),
    trainableParameters: handle.counts.trainable,
    ...(saved ? { from: { epoch: progress.epoch, step: progress.step } } : {}),
  });
  if (handle.counts.frozen > 0 && epochs > 0)
    onEvent({
      type: 'feature-cache',
      arm,
      seed,
      ...features.plan,
      ...(features.cached?.from && { from: features.cached.from }),
    });
  const warning = statistics.warning();
  if (warning !== undefined && !saved) onEvent({ type: 'warning', message: warning });
  // For an arm initialised from another, those of the other are the values before training.
  const measuresStored =
    experiment.model.folder !== undefined && spec.initFrom === null && epochs > 0;
  const isFirstSeed = seed === experiment.seeds[0];
  const images = { train: train.size, heldOut: heldOut.size };
  const norms = { ...statistics.images, ...(saved && { before: 0 }) };
  const toDo = {
    spec,
    experiment,
    images,
    norms,
    features: features.cached?.toCompute,
    isFirstSeed,
    done: progress,
    measurements: measuresStored ? 2 : 1,
  };
  eta.strike(spec, isFirstSeed);
  eta.expect(armWork(toDo));
  const activations: ActivationRecord[] = [];
  const measureActivations = async (
    state: ActivationRecord['state'],
    tells = true,
  ): Promise<void> => {
    if (!isFirstSeed) return;
    const records = await armActivations(model, { experiment, heldOut, state, signal });
    for (const item of activationWork(experiment, heldOut.size)) eta.add(item);
    activations.push(...records);
    if (tells) for (const record of records) onEvent({ type: 'activations', arm, seed, ...record });
  };
  if (measuresStored) await measureActivations('stored', saved === undefined);
  memory.reset();
  const peakRssMb = (): number => Math.max(saved?.peakRssMb ?? 0, memory.peakMb());

  // A saved state contains them.
  if (!saved) progress.trainSeconds += await statistics.beforeTraining();
  const best =
    epochs > 0
      ? await trainWeights(model, spec, { ...context, ...prepared, saved, progress, peakRssMb })
      : undefined;
  progress.trainSeconds += await statistics.afterTraining(progress.epoch - 1);
  // Evaluations at larger sizes can take more.
  const trainingPeak = peakRssMb();
  // Only evaluations are left, whatever was expected of the training.
  const toTest = { train: 0, heldOut: features.cached?.heldOut && 0 };
  eta.expect(
    armWork({
      ...toDo,
      norms: { before: 0, epoch: 0, after: 0 },
      features: features.cached && toTest,
      done: { epoch: epochs, images: 0 },
      measurements: 1,
    }),
  );

  const proof = await handle.verify({ strict: true });
  onEvent({
    type: 'frozen-verified',
    arm,
    seed,
    frozen: handle.frozen.length,
    moved: proof.changed.length,
  });

  await measureActivations('trained');
  const tests = await tester.testUnder(experiment.evaluations, progress.curve.length - 1);
  const { before, after } = statistics.images;
  const compute = trainedCompute(handle, spec, {
    trained: imagesTrained(length, progress.epoch, train.size),
    forwardOnly: before + after,
  });
  // The order of a model's weights follows from what trains; users of the model expect its own
  // order.
  handle.restore();
  await options.onModel?.(arm, seed, model, context.card);
  const { trainSeconds, curve } = progress;
  const featuresFrom = features.cached?.from;
  const result = {
    seed,
    trainSeconds,
    ...compute,
    peakRssMb: trainingPeak,
    curve,
    ...tests,
    activations,
    ...(featuresFrom && { featuresFrom }),
  };
  onEvent({ type: 'arm-end', arm, seed, trainSeconds, ...compute, peakRssMb: result.peakRssMb });
  return { result, best: progress.best && best ? { ...progress.best, weights: best } : undefined };
}

/** The training compute of an arm, if the kinds of all layers are known. */
function trainedCompute(
  handle: FreezeHandle,
  { trainPolicy }: ArmSpec,
  images: ArmImages,
): { trainMultiplyAdds?: number } {
  const { unknownLayers, ...image } = countCompute(handle, trainPolicy);
  return unknownLayers.length > 0 ? {} : { trainMultiplyAdds: Number(armCompute(image, images)) };
}
