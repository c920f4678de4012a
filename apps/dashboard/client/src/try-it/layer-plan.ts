import {
  applyFreezePolicy,
  type FreezePolicy,
  type FreezePolicyName,
  type LayerPlan,
  type ParameterCounts,
} from '@fixres/finetune';
import { layerGroups } from '@fixres/models';
import type { RunModel } from './run-model.ts';

/** Layers of a model that belong together, and which of them train. */
export interface PlannedGroup {
  name: string;
  layers: LayerPlan[];
}

/**
 * What a freeze policy trains in a model, layer by layer: the policy is applied to the model itself
 * and then removed.
 */
export async function planLayers(
  { model }: RunModel,
  freeze: unknown,
): Promise<{ groups: PlannedGroup[]; counts: ParameterCounts }> {
  let groups: { name: string; layers: string[] }[] = [];
  try {
    groups = layerGroups(model);
  } catch {
    // The groups of other architectures are unknown, so their layers form one group.
  }
  const handle = await applyFreezePolicy(model, freeze as FreezePolicyName | FreezePolicy, {
    groups,
  });
  try {
    const plans = handle.layers.filter(({ parameters, statistics }) => parameters + statistics > 0);
    // Groups name layers, or paths of layers in nested models.
    const isIn = (path: string, layers: readonly string[]): boolean =>
      layers.includes(path) || layers.includes(path.split('/')[0]!);
    const named = groups.map(({ name, layers }) => ({
      name,
      layers: plans.filter(({ path }) => isIn(path, layers)),
    }));
    const rest = plans.filter(({ path }) => !groups.some(({ layers }) => isIn(path, layers)));
    const all = rest.length > 0 ? [...named, { name: 'layers', layers: rest }] : named;
    return { groups: all.filter(({ layers }) => layers.length > 0), counts: handle.counts };
  } finally {
    handle.restore();
  }
}
