import { applyFreezePolicy, type FreezeHandle, WeightAverage } from '@fixres/finetune';
import type { SlotOptimizer } from '@fixres/models';
import type { ArmSpec } from '@fixres/runs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { groupsOf } from '../evaluation/groups-of.ts';
import { createOptimizer } from '../training/create-optimizer.ts';

/** A model under the freeze policy of an arm, with the arm's optimizer and average. */
export interface ArmTraining {
  handle: FreezeHandle;
  optimizer: SlotOptimizer;
  average: WeightAverage | undefined;
}

/** Calls a function with a model that is ready to train as an arm does, and undoes this afterwards. */
export async function withArmTraining<T>(
  model: LayersModel,
  arm: ArmSpec,
  work: (training: ArmTraining) => Promise<T>,
): Promise<T> {
  const groups = groupsOf(model);
  const handle = await applyFreezePolicy(model, arm.freeze, { groups });
  const optimizer = createOptimizer(arm, handle, groups);
  const average =
    arm.ema === undefined ? undefined : new WeightAverage(handle, { warmUp: false, ...arm.ema });
  try {
    return await work({ handle, optimizer, average });
  } finally {
    optimizer.dispose();
    average?.dispose();
    handle.restore();
  }
}
