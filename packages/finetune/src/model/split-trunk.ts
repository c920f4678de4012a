import * as tf from '@tensorflow/tfjs-core';
import {
  appliedLayers,
  assertActive,
  type AppliedLayers,
  type FreezeHandle,
} from '../freezing/apply-freeze-policy.ts';
import { isFrozenAware } from '../freezing/layer-switch.ts';
import { modelGraph, withAncestors, type GraphStep, type GraphValue } from './model-graph.ts';
import { at, runSteps } from './run-steps.ts';

export interface SplitTrunkOptions {
  /**
   * Class names of custom layers whose output does not depend on `training`, so that they can be in
   * the trunk. The layers of tfjs-layers are known.
   */
  trainingInvariant?: readonly string[];
}

/**
 * A model cut in two at a single tensor. Both halves use the model's own layers and variables.
 * There is nothing to dispose.
 */
export interface TrunkSplit {
  /** The layer, by path or name, whose output is the features. */
  readonly cut: string;
  /** The features' shape, `[null, ...]`. */
  readonly featureShape: readonly (number | null)[];
  /**
   * Names of the layers on each side, in order of computation; a layer that both sides use is in
   * both lists.
   */
  readonly trunkLayers: readonly string[];
  readonly headLayers: readonly string[];
  /**
   * Computes features from inputs; everything is frozen and in inference mode. Call it outside a
   * gradient function, which would keep its intermediate tensors; otherwise these are released as
   * soon as possible.
   *
   * @returns a tensor that the caller disposes.
   */
  trunk(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor;
  /**
   * Computes the model's output (or outputs) from features. Call it inside the gradient function.
   *
   * @returns tensors that the caller disposes; the caller keeps ownership of the features.
   */
  head(features: tf.Tensor, options: { training: boolean }): tf.Tensor | tf.Tensor[];
}

/**
 * Layers of tfjs-layers and @fixres/models that compute the same in training and in inference.
 * Recurrent layers and masks are not included.
 */
const trainingInvariantClasses: ReadonlySet<string> = new Set([
  ...[
    'Activation',
    'Add',
    'Average',
    'AveragePooling1D',
    'AveragePooling2D',
    'AveragePooling3D',
    'CategoryEncoding',
  ],
  ...[
    'CenterCrop',
    'Concatenate',
    'Conv1D',
    'Conv2D',
    'Conv2DTranspose',
    'Conv3D',
    'Conv3DTranspose',
    'Cropping2D',
    'Dense',
  ],
  ...[
    'DepthwiseConv2D',
    'Dot',
    'ELU',
    'Flatten',
    'GlobalAveragePooling1D',
    'GlobalAveragePooling2D',
    'GlobalMaxPooling1D',
  ],
  ...[
    'GlobalMaxPooling2D',
    'InputLayer',
    'LayerNormalization',
    'LeakyReLU',
    'MaxPooling1D',
    'MaxPooling2D',
    'MaxPooling3D',
  ],
  ...[
    'Maximum',
    'Minimum',
    'Multiply',
    'PReLU',
    'Permute',
    'ReLU',
    'RepeatVector',
    'Rescaling',
    'Reshape',
    'Resizing',
  ],
  ...['SeparableConv2D', 'Softmax', 'ThresholdedReLU', 'UpSampling2D', 'ZeroPadding2D'],
  ...[
    'KerasCenterCrop',
    'KerasConv2D',
    'KerasDepthwiseConv2D',
    'KerasELU',
    'KerasGlobalPooling',
    'KerasLayerScale',
    'KerasMultiHeadAttention',
    'KerasNormalization',
    'KerasReLU',
    'KerasResizing',
    'KerasReverseChannels',
    'KerasSoftmax',
    'KerasUpSampling2D',
    'TokenPooling',
    'ViTEmbeddings',
  ],
]);

/**
 * Layers that start or need a mask, which is passed beside the tensors and would be lost at the
 * cut.
 */
export const maskingClasses: ReadonlySet<string> = new Set(['Masking', 'Embedding']);

/**
 * Cuts a model after its frozen trunk, so that the trunk can run outside the gradient, or its
 * features can be cached. `head(trunk(x), { training: true })` equals `model.apply(x, { training:
 * true })`, in value and gradient.
 *
 * The cut is the last single tensor that everything passes through and before which every layer is
 * frozen and computes the same in training and in inference. A dropout therefore ends the trunk,
 * and so does a layer of an unknown class (see `trainingInvariant`).
 *
 * @returns null if there is no such tensor, no frozen weights before it, or nothing after it.
 * @throws FixresFinetuneError `policy-not-active`, also from `trunk` and `head` after the policy
 * was restored.
 */
export function splitTrunk(
  handle: FreezeHandle,
  options: SplitTrunkOptions = {},
): TrunkSplit | null {
  const model = cutModel(handle, options);
  if (model === null) return null;
  const { cut, trunkSteps, headSteps, outputs, nameOf } = model;
  return {
    cut: nameOf(cut.step),
    featureShape: cut.step.output.shape,
    trunkLayers: trunkSteps.map(nameOf),
    headLayers: headSteps.map(nameOf),
    trunk(inputs) {
      assertActive(handle, 'trunk');
      const values = Array.isArray(inputs) ? inputs : [inputs];
      const options = { training: false, release: true };
      return at(
        tf.tidy(() => runSteps(trunkSteps, [cut], ({ index }) => at(values, index), options)),
        0,
      );
    },
    head(features, { training }) {
      assertActive(handle, 'head');
      const results = tf.tidy(() =>
        runSteps(headSteps, outputs, () => features, { training, release: false }),
      );
      return results.length === 1 ? at(results, 0) : results;
    },
  };
}

/** A model's graph, cut after its frozen trunk. */
export interface CutModel {
  readonly cut: { readonly step: GraphStep; readonly index: number };
  readonly trunkSteps: readonly GraphStep[];
  readonly headSteps: readonly GraphStep[];
  readonly outputs: readonly GraphValue[];
  readonly layers: AppliedLayers['layers'];
  readonly modes: AppliedLayers['modes'];
  readonly meter: AppliedLayers['meter'];
  readonly nameOf: (step: GraphStep) => string;
}

/** The cut of {@link splitTrunk} as a graph, or null if there is none. */
export function cutModel(handle: FreezeHandle, options: SplitTrunkOptions): CutModel | null {
  const applied = appliedLayers(handle, 'splitTrunk');
  const { layers, modes, meter } = applied;
  const { steps: allSteps, outputs } = modelGraph(handle.model);
  const used = withAncestors(outputs.flatMap(({ step }) => (step === null ? [] : [step])));
  const steps = allSteps.filter((step) => used.has(step));
  if (steps.some(({ layer }) => maskingClasses.has(layer.getClassName()))) return null;

  const invariant = new Set([...trainingInvariantClasses, ...(options.trainingInvariant ?? [])]);
  const cut = lastCut(
    steps,
    outputs,
    new Set(steps.filter((step) => isConstant(step, applied, invariant))),
  );
  if (cut === null) return null;
  const behind = withAncestors([cut.step]);
  const trunkSteps = steps.filter((step) => behind.has(step));
  const headSteps = steps.filter((step) => !behind.has(step));
  const hasWeights = trunkSteps.some(({ layer }) =>
    layers.leavesOf(layer).some(({ weights }) => weights.length > 0),
  );
  if (!hasWeights || headSteps.length === 0) return null;
  const nameOf = ({ layer }: GraphStep): string => layers.leavesOf(layer)[0]?.path ?? layer.name;
  return { cut, trunkSteps, headSteps, outputs, layers, modes, meter, nameOf };
}

/**
 * Whether a call always returns the same output for the same input, and its weights need no
 * gradient.
 */
function isConstant(
  { layer }: GraphStep,
  { layers, modes }: AppliedLayers,
  invariant: ReadonlySet<string>,
): boolean {
  return layers.leavesOf(layer).every((leaf) => {
    const mode = modes.get(leaf);
    const still = mode === 'freeze' || mode === 'recalibrate';
    if (leaf.weights.length + leaf.statistics.length > 0 && !still) return false;
    // A frozen layer with state runs in inference mode, by itself or because this package replaced
    // its call.
    return (
      invariant.has(leaf.className) ||
      (still && (leaf.statistics.length > 0 || isFrozenAware(leaf.layer)))
    );
  });
}

/**
 * The last tensor after only constant steps, from which alone the rest of the model can be computed.
 */
function lastCut(
  steps: readonly GraphStep[],
  outputs: readonly GraphValue[],
  constant: ReadonlySet<GraphStep>,
): { step: GraphStep; index: number } | null {
  for (const step of steps.toReversed()) {
    const behind = withAncestors([step]);
    if (![...behind].every((before) => constant.has(before))) continue;
    const needed = [
      ...steps.filter((other) => !behind.has(other)).flatMap(({ inputs }) => inputs),
      ...outputs,
    ];
    const crossing = needed.filter((value) => value.step === null || behind.has(value.step));
    const index = crossing[0]?.index;
    if (
      index !== undefined &&
      crossing.every((value) => value.step === step && value.index === index)
    )
      return { step, index };
  }
  return null;
}
