import { applyFreezePolicy, type FreezeHandle } from '@fixres/finetune';
import { type ArmSpec, type FinishedArm, noWeightTrains, trainingLength } from '@fixres/runs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { cacheFeatures } from '../cached/cache-features.ts';
import { requireDivisible } from '../cluster/process-share.ts';
import { ArmEvaluator } from '../evaluation/arm-evaluator.ts';
import { ArmTester } from '../evaluation/arm-tester.ts';
import { groupsOf } from '../evaluation/groups-of.ts';
import { ArmStatistics } from '../statistics/arm-statistics.ts';
import { memoryNow } from '../progress/memory-now.ts';
import type { ArmContext } from './arm-context.ts';
import { ArmRun } from './arm-run.ts';
import { withoutLastNorm } from './without-last-norm.ts';

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
  if (options.cluster !== undefined) requireDivisible(batchSize, options.cluster.ranks);
  const length = trainingLength(spec, { images: options.train.size, batchSize });
  const onWarning = forwardOnce((message) => options.onEvent({ type: 'warning', message }));
  const lacking = withoutLastNorm(model, handle);
  if (lacking !== undefined && spec.epochs > 0) onWarning(lacking);
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
    // The other processes compute as many meanwhile.
    onFeatures: (images, size) =>
      eta.add({ kind: 'features', images: images * (options.cluster?.ranks ?? 1), size }),
    onFill: ({ views, step, steps, stall, seconds }, epoch) =>
      options.onEvent({
        type: 'progress',
        arm: spec.name,
        seed,
        phase: 'features',
        epoch,
        epochs: length.epochs,
        step,
        steps,
        imagesPerSecond: views / seconds,
        stall,
        etaSeconds: eta.seconds(),
        ...memoryNow(options.memory),
      }),
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
    return await new ArmRun(model, spec, context, {
      handle,
      groups,
      features,
      length,
      statistics,
      tester,
      onWarning,
    }).run();
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

/** Forwards each message once. */
function forwardOnce(forward: (message: string) => void): (message: string) => void {
  const seen = new Set<string>();
  return (message) => {
    if (!seen.has(message)) forward(message);
    seen.add(message);
  };
}
