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
} from '@fixres/runs';
import { createOptimizer } from '../training/create-optimizer.ts';
import { FixresRunnerError } from '../errors.ts';
import { groupsOf } from '../evaluation/groups-of.ts';
import { startModel, type StartModelOptions } from './start-model.ts';

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
    // Arms of a grid share most of them.
    const seen = new Set<string>();
    for (const arm of experiment.arms) {
      const { freeze, layerRates, optimizer, epochs } = arm;
      const key = JSON.stringify([freeze, layerRates, optimizer, epochs === 0]);
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
  } catch (error) {
    throw bad(`Arm "${arm.name}": ${(error as Error).message}`, error);
  } finally {
    handle?.restore();
  }
  if (arm.epochs !== 0 && handle.gradientVariables.length === 0)
    throw noWeightTrains(arm, handle.policy.name);
}

function checkSizes(
  { model: { folder }, arms, evaluations }: PlannedExperiment,
  model: LayersModel,
): void {
  const policies = [
    ...arms.flatMap(({ name, trainPolicy, testPolicy }) =>
      [trainPolicy, testPolicy].map(({ output }) => ({ of: `Arm "${name}"`, output })),
    ),
    ...evaluations.map(({ name, output }) => ({ of: `Evaluation "${name}"`, output })),
  ];
  for (const {
    of,
    output: { width, height },
  } of policies) {
    const size = `${of} has images of ${width} x ${height} pixels`;
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
