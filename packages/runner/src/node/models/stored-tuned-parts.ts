import {
  applyFreezePolicy,
  type FreezePolicy,
  type FreezePolicyName,
  type TunedParts,
  tunedParts,
} from '@fixres/finetune';
import type { StoredModel } from '@fixres/runs';
import { groupsOf } from '../../evaluation/groups-of.ts';
import { openStoredModel } from './open-stored-model.ts';

export interface StoredTunedPartsOptions {
  /** Number of classes of the data set. */
  classes: number;
  /** Whether its images can have several classes. Default false. */
  multiLabel?: boolean | undefined;
  /** The model of this seed is opened. */
  seed: number;
  freeze: FreezePolicy | FreezePolicyName;
}

/**
 * The parts of a stored model that a freeze policy tunes. Opens the model, so an engine must be in
 * use; nothing of it stays.
 *
 * @throws as `openStoredModel` and `applyFreezePolicy`
 */
export async function storedTunedParts(
  stored: StoredModel,
  { classes, multiLabel = false, seed, freeze }: StoredTunedPartsOptions,
): Promise<TunedParts> {
  const { model } = await openStoredModel(stored, { classes, multiLabel, seed });
  try {
    const handle = await applyFreezePolicy(model, freeze, { groups: groupsOf(model) });
    const parts = tunedParts(handle);
    handle.restore();
    return parts;
  } finally {
    model.dispose();
  }
}
