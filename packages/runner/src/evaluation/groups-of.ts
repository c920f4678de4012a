import { FixresModelsError, type LayerGroup, layerGroups } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * The groups of a known architecture. Other models have none; policies that need groups report
 * that.
 */
export function groupsOf(model: LayersModel): LayerGroup[] {
  try {
    return layerGroups(model);
  } catch (error) {
    if (error instanceof FixresModelsError && error.code === 'unknown-architecture') return [];
    throw error;
  }
}
