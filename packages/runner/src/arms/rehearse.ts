import { applyFreezePolicy, type FreezeHandle } from '@fixres/finetune';
import { describe } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  allowedBy,
  checkExperiment,
  isWithin,
  noWeightTrains,
  type PlannedArm,
  type PlannedExperiment,
  settingRanges,
  stagePolicies,
} from '@fixres/runs';
import { checkMultiLabel } from '../training/multi-label-loss.ts';
import { checkClassWeights } from '../training/class-weights.ts';
import { createOptimizer } from '../training/create-optimizer.ts';
import { gradientLimit } from '../training/gradient-limit.ts';
import { FixresRunnerError } from '../errors.ts';
import { groupsOf } from '../evaluation/groups-of.ts';
import { startModel, type StartModelOptions, startTeacher } from './start-model.ts';

/**
 * Checks an experiment without training: creates its model, and applies what every arm needs: the
 * freeze policy, the layer rates, the optimiser and the image sizes. Problems of any arm are found
 * before the first one trains. An engine must have been selected; nothing is computed with it.
 *
 * @throws FixresRunnerError `bad-option`, naming the arm; errors of `openModel`
 */
export async function rehearse(
  experiment: PlannedExperiment,
  options: StartModelOptions,
): Promise<void> {
  checkExperiment(experiment);
  const { model } = await startModel(experiment.model, experiment.seeds[0]!, options);
  try {
    checkSizes(experiment, model);
    for (const arm of experiment.arms) await checkTeacher(arm, options);
    // Arms of a grid share most of them.
    const seen = new Set<string>();
    for (const arm of experiment.arms) {
      checkClassWeights(arm, options.classes);
      if (options.multiLabel) checkMultiLabel(arm);
      const { freeze, layerRates, optimizer, epochs, clipGradients } = arm;
      const key = JSON.stringify([freeze, layerRates, optimizer, epochs === 0, clipGradients]);
      if (!seen.has(key)) await checkTraining(arm, model);
      seen.add(key);
    }
  } finally {
    model.dispose();
  }
}

async function checkTraining(arm: PlannedArm, model: LayersModel): Promise<void> {
  const groups = groupsOf(model);
  let handle: FreezeHandle | undefined;
  try {
    handle = await applyFreezePolicy(model, arm.freeze, { groups });
    createOptimizer(arm, handle, groups).dispose();
    gradientLimit(arm, model);
  } catch (error) {
    throw bad(`Arm "${arm.name}": ${(error as Error).message}`, error);
  } finally {
    handle?.restore();
  }
  if (arm.epochs !== 0 && handle.gradientVariables.length === 0)
    throw noWeightTrains(arm, handle.policy.name);
}

async function checkTeacher(arm: PlannedArm, options: StartModelOptions): Promise<void> {
  try {
    const teacher = await startTeacher(arm, options);
    teacher?.dispose();
  } catch (error) {
    throw bad(`Arm "${arm.name}": ${(error as Error).message}`, error);
  }
}

function checkSizes(
  { model: { folder }, arms, evaluations }: PlannedExperiment,
  model: LayersModel,
): void {
  const policies = [
    ...arms.flatMap((arm) =>
      [
        ...stagePolicies(arm),
        arm.testPolicy,
        ...(arm.measuredSize?.candidates ?? []).flatMap((each) => [
          each.trainPolicy,
          each.testPolicy,
        ]),
      ].map(({ output }) => ({
        of: `Arm "${arm.name}"`,
        output,
      })),
    ),
    ...evaluations.map(({ name, output }) => ({ of: `Evaluation "${name}"`, output })),
  ];
  for (const {
    of,
    output: { width, height },
  } of policies) {
    const size = `${of} has images of ${height} x ${width} pixels`;
    if (
      folder === undefined &&
      ![width, height].every((side) => isWithin(side, settingRanges.modelSide))
    ) {
      throw bad(
        `${size}; a side must be ${allowedBy(settingRanges.modelSide)} for the named ` +
          'architectures.',
      );
    }
    try {
      describe(model, [height, width], { groups: [] });
    } catch (error) {
      throw bad(`${size}, which the model does not support: ${(error as Error).message}`, error);
    }
  }
}

function bad(message: string, cause?: unknown): FixresRunnerError {
  return new FixresRunnerError('bad-option', message, { cause });
}
