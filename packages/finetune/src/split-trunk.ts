import * as tf from '@tensorflow/tfjs-core';
import { appliedLayers, assertActive, type AppliedLayers, type FreezeHandle } from './apply-freeze-policy.ts';
import { isFrozenAware } from './layer-switch.ts';
import { modelGraph, withAncestors, type GraphStep, type GraphValue } from './model-graph.ts';

export interface SplitTrunkOptions {
  /**
   * Class names of layers of your own whose output does not depend on `training`, so that they may lie in the trunk. The
   * layers of tfjs-layers are known.
   */
  trainingInvariant?: readonly string[];
}

/**
 * A model cut in two at a single tensor. Both halves use the model's own layers and variables. Nothing to dispose.
 */
export interface TrunkSplit {
  /** The layer, by path or name, whose output is the features. */
  readonly cut: string;
  /** The features' shape, `[null, ...]`. */
  readonly featureShape: readonly (number | null)[];
  /** Names of the layers on each side, in order of computation; a layer that is used on both sides is in both. */
  readonly trunkLayers: readonly string[];
  readonly headLayers: readonly string[];
  /**
   * Inputs to features, everything frozen and in inference mode. Call it outside of a gradient function, which would keep
   * its intermediate tensors; these are released as soon as possible.
   *
   * @returns a tensor that the caller disposes.
   */
  trunk(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor;
  /**
   * Features to the model's output (or outputs). Call it inside of the gradient function.
   *
   * @returns tensors that the caller disposes; the features stay the caller's.
   */
  head(features: tf.Tensor, options: { training: boolean }): tf.Tensor | tf.Tensor[];
}

/** Layers of tfjs-layers that compute the same whether `training` is set or not. Recurrent layers and masks are left out. */
const trainingInvariantClasses: ReadonlySet<string> = new Set([
  ...['Activation', 'Add', 'Average', 'AveragePooling1D', 'AveragePooling2D', 'AveragePooling3D', 'CategoryEncoding'],
  ...['CenterCrop', 'Concatenate', 'Conv1D', 'Conv2D', 'Conv2DTranspose', 'Conv3D', 'Conv3DTranspose', 'Cropping2D', 'Dense'],
  ...['DepthwiseConv2D', 'Dot', 'ELU', 'Flatten', 'GlobalAveragePooling1D', 'GlobalAveragePooling2D', 'GlobalMaxPooling1D'],
  ...['GlobalMaxPooling2D', 'InputLayer', 'LayerNormalization', 'LeakyReLU', 'MaxPooling1D', 'MaxPooling2D', 'MaxPooling3D'],
  ...['Maximum', 'Minimum', 'Multiply', 'PReLU', 'Permute', 'ReLU', 'RepeatVector', 'Rescaling', 'Reshape', 'Resizing'],
  ...['SeparableConv2D', 'Softmax', 'ThresholdedReLU', 'UpSampling2D', 'ZeroPadding2D'],
]);

/** Layers that start or need a mask, which travels beside the tensors and would be lost at the cut. */
const maskingClasses: ReadonlySet<string> = new Set(['Masking', 'Embedding']);

/**
 * Cuts a model behind its frozen trunk, so that the trunk can run outside of the gradient, or its features be kept.
 * `head(trunk(x), { training: true })` equals `model.apply(x, { training: true })`, value and gradient.
 *
 * The cut is the last single tensor through which everything passes and before which every layer is frozen and computes the
 * same in training and in inference. A dropout therefore ends the trunk, as does a layer of an unknown class (see
 * `trainingInvariant`).
 *
 * @returns null where there is no such tensor, no frozen weights would lie before it, or nothing behind it.
 * @throws FixresFinetuneError `policy-not-active`, also from `trunk` and `head` after the policy was restored.
 */
export function splitTrunk(handle: FreezeHandle, options: SplitTrunkOptions = {}): TrunkSplit | null {
  const applied = appliedLayers(handle, 'splitTrunk');
  const { layers } = applied;
  const graph = modelGraph(handle.model);
  const used = withAncestors(graph.outputs.flatMap(({ step }) => (step === null ? [] : [step])));
  const steps = graph.steps.filter((step) => used.has(step));
  if (steps.some(({ layer }) => maskingClasses.has(layer.getClassName()))) return null;

  const invariant = new Set([...trainingInvariantClasses, ...(options.trainingInvariant ?? [])]);
  const cut = lastCut(steps, graph.outputs, new Set(steps.filter((step) => isConstant(step, applied, invariant))));
  if (cut === null) return null;
  const behind = withAncestors([cut.step]);
  const trunkSteps = steps.filter((step) => behind.has(step));
  const headSteps = steps.filter((step) => !behind.has(step));
  const hasWeights = trunkSteps.some(({ layer }) => layers.leavesOf(layer).some(({ weights }) => weights.length > 0));
  if (!hasWeights || headSteps.length === 0) return null;

  const name = ({ layer }: GraphStep): string => layers.leavesOf(layer)[0]?.path ?? layer.name;
  return {
    cut: name(cut.step),
    featureShape: cut.step.output.shape,
    trunkLayers: trunkSteps.map(name),
    headLayers: headSteps.map(name),
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
      const outputs = tf.tidy(() => runSteps(headSteps, graph.outputs, () => features, { training, release: false }));
      return outputs.length === 1 ? at(outputs, 0) : outputs;
    },
  };
}

/** Whether a call always gives the same output for the same input, and no gradient is wanted for its weights. */
function isConstant({ layer }: GraphStep, { layers, modes }: AppliedLayers, invariant: ReadonlySet<string>): boolean {
  return layers.leavesOf(layer).every((leaf) => {
    const mode = modes.get(leaf);
    const still = mode === 'freeze' || mode === 'recalibrate';
    if (leaf.weights.length + leaf.statistics.length > 0 && !still) return false;
    // A frozen layer with state is held in inference mode, by itself or by this package.
    return invariant.has(leaf.className) || (still && (leaf.statistics.length > 0 || isFrozenAware(leaf.layer)));
  });
}

/** The last tensor behind constant steps only, such that the rest of the model needs nothing else from before it. */
function lastCut(
  steps: readonly GraphStep[],
  outputs: readonly GraphValue[],
  constant: ReadonlySet<GraphStep>,
): { step: GraphStep; index: number } | null {
  for (const step of steps.toReversed()) {
    const behind = withAncestors([step]);
    if (![...behind].every((before) => constant.has(before))) continue;
    const needed = [...steps.filter((other) => !behind.has(other)).flatMap(({ inputs }) => inputs), ...outputs];
    const crossing = needed.filter((value) => value.step === null || behind.has(value.step));
    const index = crossing[0]?.index;
    if (index !== undefined && crossing.every((value) => value.step === step && value.index === index)) return { step, index };
  }
  return null;
}

interface RunOptions {
  training: boolean;
  /** Dispose each intermediate tensor after its last use. Not under a gradient, which needs them. */
  release: boolean;
}

/** Runs steps in order. Values that none of the steps computes come from `given`. */
function runSteps(
  steps: readonly GraphStep[],
  wanted: readonly GraphValue[],
  given: (value: GraphValue) => tf.Tensor,
  { training, release }: RunOptions,
): tf.Tensor[] {
  const inside = new Set(steps);
  const computed = new Map<GraphStep, tf.Tensor[]>();
  const uses = new Map<GraphStep, number>();
  for (const { step } of [...steps.flatMap(({ inputs }) => inputs), ...wanted]) {
    if (step !== null) uses.set(step, (uses.get(step) ?? 0) + 1);
  }
  const valueOf = (value: GraphValue): tf.Tensor => {
    const { step, index, castTo } = value;
    const tensor = step !== null && inside.has(step) ? at(computed.get(step) ?? [], index) : given(value);
    return castTo === undefined || tensor.dtype === castTo ? tensor : tf.cast(tensor, castTo);
  };
  for (const step of steps) {
    const inputs = step.inputs.map(valueOf);
    const output = step.layer.apply(inputs, { training }) as tf.Tensor | tf.Tensor[];
    computed.set(step, Array.isArray(output) ? output : [output]);
    if (!release) continue;
    for (const { step: before } of step.inputs) {
      if (before === null) continue;
      const left = (uses.get(before) ?? 0) - 1;
      uses.set(before, left);
      if (left === 0) tf.dispose(computed.get(before) ?? []);
    }
  }
  // A wanted value that is merely passed on is copied, so that the caller can dispose inputs and results separately.
  return wanted.map((value) => (value.step !== null && inside.has(value.step) ? valueOf(value) : valueOf(value).clone()));
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`tensor ${index} is missing: ${list.length} given`);
  return item;
}
