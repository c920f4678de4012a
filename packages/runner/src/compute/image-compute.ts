import { imageSizeText, type Policy } from '@fixres/data';
import { applyFreezePolicy, type FreezeHandle } from '@fixres/finetune';
import { describe } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type ArmSpec, stagePolicies } from '@fixres/runs';
import { groupsOf } from '../evaluation/groups-of.ts';
import { FOLLOWING } from '../statistics/following-norms.ts';
import type { EstimatedNorms } from '../statistics/norm-images.ts';
import type { ImageCompute } from './arm-compute.ts';
import { teacherCompute, type TeacherCompute } from './teacher-compute.ts';

/** Cost of an image for a model, as far as its layers are known. */
export interface CountedCompute extends ImageCompute {
  norms: EstimatedNorms;
  /** Classes of layers whose multiply-adds are not known and therefore missing. */
  unknownLayers: string[];
}

/**
 * Counts the training cost of an arm per image, from the shapes of the layers; nothing runs. The
 * model is unchanged afterwards.
 *
 * @throws FixresModelsError `bad-option` if the model does not support images of the arm's size;
 * errors of `applyFreezePolicy`
 */
export async function imageCompute(
  model: LayersModel,
  { freeze, trainPolicy }: Pick<ArmSpec, 'freeze' | 'trainPolicy'>,
): Promise<CountedCompute> {
  const handle = await applyFreezePolicy(model, freeze, { groups: groupsOf(model) });
  try {
    return countCompute(handle, trainPolicy);
  } finally {
    handle.restore();
  }
}

/**
 * {@link imageCompute} of every stage of an arm, by the policy of the stage.
 *
 * @param teacher of the arm, whose share is counted too
 */
export async function stageComputes(
  model: LayersModel,
  arm: Pick<ArmSpec, 'freeze' | 'trainPolicy' | 'progressive'>,
  teacher?: LayersModel,
): Promise<(policy: Policy) => CountedCompute> {
  const ofTeacher = teacherCompute(teacher, arm);
  const handle = await applyFreezePolicy(model, arm.freeze, { groups: groupsOf(model) });
  try {
    const counted = new Map(
      stagePolicies(arm).map((policy) => [
        imageSizeText(policy.output),
        countCompute(handle, policy, ofTeacher(policy)),
      ]),
    );
    return ({ output }) => counted.get(imageSizeText(output))!;
  } finally {
    handle.restore();
  }
}

/**
 * {@link imageCompute} of a model that already has the arm's freeze policy.
 *
 * @param teacher what the arm's teacher takes
 */
export function countCompute(
  handle: FreezeHandle,
  { output }: ArmSpec['trainPolicy'],
  teacher?: TeacherCompute,
): CountedCompute {
  const { multiplyAdds, backwardMultiplyAdds, unknownLayers } = describe(
    handle.model,
    [output.height, output.width],
    { groups: [] },
  );
  return {
    forward: multiplyAdds,
    backward: backwardMultiplyAdds,
    ...(teacher && { teacher: teacher.forward }),
    norms: {
      before: handle.estimateStatistics(['recalibrate']).norms.length,
      following: handle.estimateStatistics(FOLLOWING).norms.length,
    },
    unknownLayers: [
      ...new Set([
        ...unknownLayers.map(({ className }) => className),
        ...(teacher?.unknownLayers ?? []),
      ]),
    ],
  };
}
