import * as tf from '@tensorflow/tfjs-core';
import { assertActive, type FreezeHandle } from '../freezing/apply-freeze-policy.ts';
import { keepsRunningStatistics } from '../freezing/freeze-policy.ts';
import type { GraphStep } from '../model/model-graph.ts';
import type { LeafLayer } from '../model/model-layers.ts';
import { at, runSteps } from '../model/run-steps.ts';
import {
  cutModel,
  splitTrunk,
  type CutModel,
  type SplitTrunkOptions,
  type TrunkSplit,
} from '../model/split-trunk.ts';
import { averagedNormFromMoments, exampleMoments, takesMoments } from './norm-from-moments.ts';

/**
 * What is cached of an image:
 *
 * - `maps`: feature maps with positions, as they leave the trunk.
 * - `moments`: mean and variance of each channel, if the head starts with a batch normalisation
 *   that is averaged over all positions with nothing in between.
 * - `vectors`: features without positions, for example because the trunk ends in global pooling.
 */
export type FeatureForm = 'maps' | 'moments' | 'vectors';

/**
 * A model cut in two at a point where features can be cached, and the smallest form to cache. Owns
 * no tensor.
 */
export interface FeatureSplit {
  readonly form: FeatureForm;
  /** The last layer of the trunk. */
  readonly cut: string;
  /** Names of the layers that run for every batch. */
  readonly headLayers: readonly string[];
  /** Computes features [b, ...] from images. The caller disposes them. */
  features(images: tf.Tensor): tf.Tensor;
  /**
   * Computes the model's output from features. For use inside a gradient function. The caller
   * disposes the result.
   */
  head(features: tf.Tensor, options: { training: boolean }): tf.Tensor | tf.Tensor[];
}

/**
 * {@link splitTrunk}, with features in the smallest form that does not change the result.
 *
 * In training, a batch normalisation needs only the moments of each image, if an average over all
 * positions follows immediately. With an activation in between (ResNetV2: normalisation, ReLU,
 * average) the average is no longer linear in the maps, and it depends on the moments of the batch,
 * which differ from epoch to epoch. Then the maps themselves are cached.
 *
 * @returns null if {@link splitTrunk} finds no cut
 * @throws FixresFinetuneError `policy-not-active`
 */
export function splitFeatures(
  handle: FreezeHandle,
  options: SplitTrunkOptions = {},
): FeatureSplit | null {
  const split = splitTrunk(handle, options);
  const model = cutModel(handle, options);
  if (split === null || model === null) return null;
  const { cut, headLayers } = split;
  const byMoments = averagedNorm(model);
  if (byMoments !== null)
    return { cut, headLayers, ...momentsSplit(handle, model, byMoments, split) };
  const form = split.featureShape.length === 2 ? 'vectors' : 'maps';
  return {
    form,
    cut,
    headLayers,
    features: (images) => split.trunk(images),
    head: (features, mode) => split.head(features, mode),
  };
}

/** A norm directly after the cut, and the global average directly after the norm. */
interface AveragedNorm {
  leaf: LeafLayer;
  norm: GraphStep;
  average: GraphStep;
}

function averagedNorm({ cut, headSteps, outputs, layers, modes }: CutModel): AveragedNorm | null {
  const onlyUse = (step: GraphStep): GraphStep | null => {
    const uses = headSteps.filter(({ inputs }) => inputs.some((input) => input.step === step));
    const isOutput = outputs.some((output) => output.step === step);
    return uses.length === 1 && !isOutput ? uses[0]! : null;
  };
  const rank = cut.step.output.shape.length;
  const norm = onlyUse(cut.step);
  const average = norm && onlyUse(norm);
  if (
    rank < 3 ||
    !norm ||
    average?.layer.getClassName() !==
      (rank === 3 ? 'GlobalAveragePooling1D' : 'GlobalAveragePooling2D')
  )
    return null;
  const [leaf, ...others] = layers.leavesOf(norm.layer);
  if (
    leaf === undefined ||
    others.length > 0 ||
    leaf.layer !== norm.layer ||
    !takesMoments(leaf, rank)
  )
    return null;
  // For a norm with another call, or a frozen one, maps are just as good.
  const usedOnce = headSteps.filter(({ layer }) => layer === norm.layer).length === 1;
  const mode = modes.get(leaf);
  const isTuned = mode === 'train' || mode === 'parameters-only' || mode === 'statistics-only';
  return usedOnce && isTuned ? { leaf, norm, average } : null;
}

function momentsSplit(
  handle: FreezeHandle,
  { headSteps, outputs, modes, meter }: CutModel,
  { leaf, norm, average }: AveragedNorm,
  split: TrunkSplit,
): Pick<FeatureSplit, 'form' | 'features' | 'head'> {
  const rest = headSteps.filter((step) => step !== norm && step !== average);
  const keepsStatistics = keepsRunningStatistics(modes.get(leaf)!);
  return {
    form: 'moments',
    features: (images) => {
      const maps = split.trunk(images);
      const moments = exampleMoments(maps);
      maps.dispose();
      return moments;
    },
    head(features, { training }) {
      assertActive(handle, 'head');
      const results = tf.tidy(() => {
        const run = (inTraining: boolean): tf.Tensor2D =>
          averagedNormFromMoments(leaf, features as tf.Tensor3D, inTraining);
        // All examples have equally many positions, so the number of examples is enough.
        const pooled =
          meter.measuredCall(leaf, () => features.shape[0], run) ??
          run(training && !keepsStatistics);
        return runSteps(rest, outputs, () => pooled, { training, release: false });
      });
      return results.length === 1 ? at(results, 0) : results;
    },
  };
}
