import { keepsStatistics } from '../statistics/measure-statistics.ts';
import { findRoles } from '../model/layer-roles.ts';
import { modelGraph } from '../model/model-graph.ts';
import { isNormalization, type LeafLayer } from '../model/model-layers.ts';
import { appliedLayers, type FreezeHandle } from './apply-freeze-policy.ts';
import {
  type FreezePolicy,
  type FreezeRule,
  type LayerMode,
  trainsWeights,
} from './freeze-policy.ts';

/**
 * A part of a model that fine-tuning can change by itself:
 *
 * - `statistics`: running statistics of batch normalisations.
 * - `parameters`: weights of normalisations, gamma and beta.
 * - `classifier`: the last layers with weights.
 * - `layers`: all other weights.
 */
export type TunedPart = 'statistics' | 'parameters' | 'classifier' | 'layers';

const parts: readonly TunedPart[] = ['statistics', 'parameters', 'classifier', 'layers'];

/** The parts that a policy tunes on a model, and policies that tune only some of them. */
export interface TunedParts {
  /** At least one, in the order of {@link TunedPart}. */
  readonly parts: readonly TunedPart[];
  /**
   * The policy that tunes only these parts, as far as the original policy does, and freezes the
   * rest. Statistics alone are re-estimated (mode `recalibrate`), because no step trains without a
   * weight.
   */
  only: (chosen: readonly TunedPart[]) => FreezePolicy;
}

/**
 * Splits what a policy tunes into its parts. The result is plain data: it does not need the handle
 * any more.
 *
 * @throws FixresFinetuneError `policy-not-active`
 */
export function tunedParts(handle: FreezeHandle): TunedParts {
  const { layers, modes } = appliedLayers(handle, 'tunedParts');
  const roles = findRoles(modelGraph(handle.model), layers);
  const tuned = layers.leaves.flatMap((leaf) => {
    const of = partsOf(leaf, modes.get(leaf)!, roles.classifier.has(leaf));
    return of.length === 0 ? [] : [{ path: leaf.path, isNorm: leaf.isNorm, of }];
  });
  return {
    parts: parts.filter((part) => tuned.some(({ of }) => of.includes(part))),
    only: (chosen) => {
      const isTrained = chosen.some((part) => part !== 'statistics');
      const rules = tuned.flatMap(({ path, isNorm, of }): FreezeRule[] => {
        const mode = modeOf(
          of.filter((part) => chosen.includes(part)),
          { isNorm, isTrained },
        );
        return mode === 'freeze' ? [] : [{ match: { layer: path }, mode }];
      });
      const name = parts.filter((part) => chosen.includes(part)).join('+') || 'none';
      return { name, rules, otherwise: 'freeze' };
    },
  };
}

function partsOf(leaf: LeafLayer, mode: LayerMode, isClassifier: boolean): TunedPart[] {
  const found: TunedPart[] = [];
  if (leaf.isNorm && mode !== 'freeze' && mode !== 'parameters-only' && !keepsStatistics(leaf))
    found.push('statistics');
  if (trainsWeights(mode) && leaf.weights.length > 0)
    found.push(isNormalization(leaf) ? 'parameters' : isClassifier ? 'classifier' : 'layers');
  return found;
}

/** @param isTrained whether any weight of the model trains */
function modeOf(
  of: readonly TunedPart[],
  { isNorm, isTrained }: { isNorm: boolean; isTrained: boolean },
): LayerMode {
  const weights = of.some((part) => part !== 'statistics');
  const statistics = of.includes('statistics');
  if (weights) return isNorm && !statistics ? 'parameters-only' : 'train';
  if (!statistics) return 'freeze';
  return isTrained ? 'statistics-only' : 'recalibrate';
}
