import { type FreezeHandle, splitSegments, splitTrunk } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from '../errors.ts';
import { groupsOf } from '../evaluation/groups-of.ts';
import {
  countedLoss,
  crossEntropy,
  type GradientFunction,
  headOf,
  type LossFunction,
} from './gradient-function.ts';
import { unseededLayers } from './seeded-dropout.ts';

/**
 * Returns its first argument, in a graph only after the second was computed:
 * `withControlDependency` of `@fixres/engine/graph`.
 */
export type OrderAfter = (x: tf.Tensor, dependency: tf.Tensor) => tf.Tensor;

export interface CheckpointedStepOptions {
  /** Default: softmax cross-entropy. */
  loss?: LossFunction | undefined;
  /** Default: the first argument, for steps that run kernel by kernel. */
  orderAfter?: OrderAfter | undefined;
}

/** Gradients of a tensor or of variables; null for what the loss does not depend on. */
type Gradients = (tf.Tensor | null)[];

/**
 * Gradient checkpointing (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"): the
 * forward pass keeps only the inputs of the model's blocks, and the backward pass computes each block
 * again before its gradient. Gradients are the same up to rounding, and running statistics are
 * updated once. The last block is not computed again.
 *
 * Without a frozen trunk the step takes images, otherwise the features of `splitTrunk`. If one block is
 * left to train, nothing is computed again.
 *
 * @throws FixresRunnerError `bad-option` for a model that does not consist of blocks between single
 * tensors, and for one with noise that cannot be drawn again
 */
export function checkpointedStep(
  model: LayersModel,
  handle: FreezeHandle,
  { loss: lossOf = crossEntropy, orderAfter = (x) => x }: CheckpointedStepOptions = {},
): GradientFunction {
  const groups = groupsOf(model).flatMap(({ layers, blocks }) =>
    blocks.length > 0 ? blocks.map((block) => block.layers) : [layers],
  );
  const segments = splitSegments(handle, groups);
  const isCut = segments.length > (splitTrunk(handle) === null ? 1 : 0);
  assertCheckpointable(model, isCut);
  const earlier = segments.slice(0, -1);
  const last = segments.at(-1)!;
  // Before it, nothing trains.
  const first = segments.findIndex(({ variables }) => variables.length > 0);
  const head = headOf(model, (x, { training }) => last.run(x, { training, release: false }));

  return (inputs, labels, targets, teacher) => {
    const kept = [inputs];
    const forget = (i: number): void => {
      if (i > 0) kept[i]!.dispose();
    };
    for (const [i, segment] of earlier.entries()) {
      kept.push(segment.run(kept[i]!, { training: true, release: true }));
      if (i < first) forget(i);
    }
    const sums = new Map<string, tf.Tensor>();
    /** Adds the gradients of a segment's variables, and returns that of its input. */
    const collect = (i: number, gradients: Gradients): tf.Tensor | null => {
      const { variables } = segments[i]!;
      const ofVariables = gradients.slice(gradients.length - variables.length);
      for (const [j, gradient] of ofVariables.entries()) {
        const { name } = variables[j]!;
        const sum = sums.get(name);
        if (gradient !== null) sums.set(name, sum === undefined ? gradient : tf.add(sum, gradient));
      }
      forget(i);
      return i > first ? gradients[0]! : null;
    };
    /** What the gradients of a segment are for. */
    const sought = (i: number, input: tf.Tensor): tf.Tensor[] => [
      ...(i > first ? [input] : []),
      ...segments[i]!.variables,
    ];

    const input = kept[earlier.length]!;
    const { differentiated, correct } = countedLoss(
      head,
      lossOf,
      [input, labels, targets, teacher],
      (loss) => gradientsOf(loss, sought(earlier.length, input)),
    );
    const { value, gradients } = differentiated;
    let dy = collect(earlier.length, gradients);
    const statistics = handle.moving.map((variable) => variable.read().clone());
    for (let i = earlier.length - 1; i >= first && dy !== null; i--) {
      const x = orderAfter(kept[i]!, dy);
      const run = (): tf.Tensor => segments[i]!.run(x, { training: true, release: false });
      const { gradients: own } = gradientsOf(run, sought(i, x), dy);
      // Computed again, a normalisation has moved them again.
      for (const [j, variable] of handle.moving.entries())
        if (variable.read().dataId !== statistics[j]!.dataId) variable.write(statistics[j]!);
      dy.dispose();
      dy = collect(i, own);
    }
    tf.dispose(statistics);
    return { loss: value, correct, gradients: Object.fromEntries(sums) };
  };
}

/** @param dy gradient of the function's value; default: 1 */
function gradientsOf<T extends tf.Tensor>(
  run: () => T,
  sought: tf.Tensor[],
  dy?: T,
): { value: T; gradients: Gradients } {
  const { value, grads } = tf.engine().gradients(run, sought, dy, true);
  return { value, gradients: grads };
}

function assertCheckpointable(model: LayersModel, isCut: boolean): void {
  const [unseeded] = unseededLayers(model);
  const reason =
    unseeded !== undefined
      ? `layer ${unseeded} draws random numbers that cannot be drawn again`
      : isCut
        ? undefined
        : 'it does not consist of blocks with one input and one output each';
  if (reason !== undefined)
    throw new FixresRunnerError(
      'bad-option',
      `Option gradientCheckpointing is true, which model ${model.name} does not allow: ${reason}.`,
    );
}
