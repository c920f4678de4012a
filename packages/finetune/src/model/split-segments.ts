import * as tf from '@tensorflow/tfjs-core';
import { appliedLayers, assertActive, type FreezeHandle } from '../freezing/apply-freeze-policy.ts';
import { type GraphStep, type GraphValue, modelGraph, withAncestors } from './model-graph.ts';
import { at, runSteps } from './run-steps.ts';
import { cutModel, maskingClasses } from './split-trunk.ts';

/**
 * A part of a model from one single tensor to the next. It uses the model's own layers and variables.
 * There is nothing to dispose.
 */
export interface ModelSegment {
  /** Names of its layers, in order of computation. */
  readonly layers: readonly string[];
  /** Its variables that train, each once; other segments can share them. */
  readonly variables: readonly tf.Variable[];
  /**
   * Computes the output of the segment from its input.
   *
   * @param options.release whether intermediate tensors are disposed after their last use. Not
   * inside a gradient function, which needs them
   * @returns a tensor that the caller disposes; the caller keeps ownership of the input.
   */
  run(input: tf.Tensor, options: { training: boolean; release: boolean }): tf.Tensor;
}

/**
 * Cuts what is not a frozen trunk into a chain of segments: all of a model, or what `splitTrunk`
 * leaves to the head. In training mode the chain computes the same as that part of the model.
 *
 * A cut is a single tensor that everything passes through: the output of a residual addition, or the
 * last of a group of layers.
 *
 * @param groups paths of the layers of blocks or stages, for example from `layerGroups` of
 * `@fixres/models`
 * @returns from input to output; a single segment if there is no cut. Empty for a model with masks
 * or with several inputs or outputs, which no single tensor connects.
 * @throws FixresFinetuneError `policy-not-active`, also from `run` after the policy was restored.
 */
export function splitSegments(
  handle: FreezeHandle,
  groups: readonly (readonly string[])[],
): ModelSegment[] {
  const { layers } = appliedLayers(handle, 'splitSegments');
  const whole = modelGraph(handle.model);
  const trunk = cutModel(handle, {});
  const used = withAncestors(whole.outputs.flatMap(({ step }) => (step === null ? [] : [step])));
  const steps = trunk?.headSteps ?? whole.steps.filter((step) => used.has(step));
  const outputs = trunk?.outputs ?? whole.outputs;
  const [output, ...others] = outputs;
  if (output === undefined || others.length > 0 || handle.model.inputs.length > 1) return [];
  if (steps.some(({ layer }) => maskingClasses.has(layer.getClassName()))) return [];

  const pathOf = ({ layer }: GraphStep): string => layers.leavesOf(layer)[0]?.path ?? layer.name;
  const groupByLayer = new Map(groups.flatMap((paths, i) => paths.map((path) => [path, i])));
  const groupOf = (step: GraphStep): number | undefined => groupByLayer.get(pathOf(step));
  const isEnd = (index: number): boolean => {
    const [step, next] = [at(steps, index), at(steps, index + 1)];
    return step.layer.getClassName() === 'Add' || groupOf(step) !== groupOf(next);
  };
  const trainable = new Set(handle.trainable);

  const segment = (part: readonly GraphStep[], wanted: GraphValue): ModelSegment => {
    const leaves = part.flatMap(({ layer }) => layers.leavesOf(layer));
    const weights = new Set(leaves.flatMap((leaf) => leaf.weights));
    return {
      layers: part.map(pathOf),
      variables: [...weights]
        .filter((weight) => trainable.has(weight))
        .map((weight) => weight.read() as tf.Variable),
      run(input, options) {
        assertActive(handle, 'run');
        return tf.tidy(() =>
          at(
            runSteps(part, [wanted], () => input, options),
            0,
          ),
        );
      },
    };
  };

  const segments: ModelSegment[] = [];
  let start = 0;
  for (let i = 0; i < steps.length - 1; i++) {
    const value = soleValue(steps, i, output);
    if (value === null || !isEnd(i)) continue;
    segments.push(segment(steps.slice(start, i + 1), value));
    start = i + 1;
  }
  return [...segments, segment(steps.slice(start), output)];
}

/**
 * The only value that steps after an index, and the output, use of what is before: the output of the
 * step at the index; null if they use more.
 */
function soleValue(
  steps: readonly GraphStep[],
  index: number,
  output: GraphValue,
): GraphValue | null {
  const after = new Set(steps.slice(index + 1));
  const crossing = [...[...after].flatMap(({ inputs }) => inputs), output].filter(
    ({ step }) => step === null || !after.has(step),
  );
  const [first] = crossing;
  const step = at(steps, index);
  return first?.step === step &&
    crossing.every((value) => value.step === step && value.index === first.index)
    ? { step, index: first.index }
    : null;
}
