import type { Reducer } from '@fixres/engine/cluster';
import type { FreezeHandle } from '@fixres/finetune';
import { withSharedMoments } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientFunction } from '../training/gradient-function.ts';
import type { TrainingCluster } from './training-cluster.ts';

/**
 * Runs a forward pass, and the backward pass that follows, with batch normalisation by the statistics
 * of the batches of all processes, to be recorded as a graph.
 */
export function normalisedTogether<T>(reducer: Reducer, run: () => T): T {
  reducer.restart();
  return withSharedMoments((moments) => reducer.mean(moments), run);
}

/** A step of several processes, which also average what each asks of all. */
export type TogetherStep = (
  votes: tf.Tensor,
  ...batch: Parameters<GradientFunction>
) => ReturnType<GradientFunction> & { votes: tf.Tensor };

/**
 * A forward and backward pass of several processes, each with its own batch of the same size, to be
 * recorded as a graph. Loss and gradients are means over the batches, so they are those of all
 * images together; images classified correctly are summed. With `syncBatchNorm`, batch normalisation
 * also uses the statistics of all images. Otherwise each process normalises with those of its own
 * batch, and the running statistics follow their means, so that they are equal everywhere. With
 * `gradientPrecision: 'bfloat16'`, gradients travel and are added in it; everything else in float32.
 * All that is small travels with the last gradients: a message of its own would take about a millisecond.
 *
 * @param step of this process
 */
export function togetherStep(
  step: GradientFunction,
  handle: Pick<FreezeHandle, 'moving' | 'gradientVariables'>,
  reducer: Reducer,
  { ranks, settings }: Pick<TrainingCluster, 'ranks' | 'settings'>,
): TogetherStep {
  const { syncBatchNorm, gradientPrecision } = settings;
  // Gradients of the last layers are known first.
  const names = handle.gradientVariables.map(({ name }) => name).reverse();
  return (votes, images, labels, targets) => {
    const before = handle.moving.map((variable) => variable.read().dataId);
    const alone = (): ReturnType<GradientFunction> => step(images, labels, targets);
    reducer.restart();
    const own = syncBatchNorm ? normalisedTogether(reducer, alone) : alone();
    const { loss, correct, gradients } = own;
    const moved = syncBatchNorm
      ? []
      : handle.moving.filter((variable, i) => variable.read().dataId !== before[i]);
    const exact = [
      loss,
      tf.cast(correct, 'float32'),
      votes,
      ...moved.map((variable) => variable.read()),
    ];
    const ordered = names.map((name) => gradients[name]!);
    const means =
      gradientPrecision === 'float32'
        ? reducer.means([...ordered, ...exact])
        : [...reducer.means(ordered, gradientPrecision), ...reducer.means(exact)];
    const [meanLoss, meanCorrect, meanVotes, ...statistics] = means.slice(names.length) as [
      tf.Scalar,
      tf.Scalar,
      tf.Tensor,
      ...tf.Tensor[],
    ];
    for (const [i, variable] of moved.entries()) variable.write(statistics[i]!);
    return {
      loss: meanLoss,
      votes: meanVotes,
      correct: tf.cast(tf.round(tf.mul(meanCorrect, ranks)), 'int32'),
      gradients: Object.fromEntries(names.map((name, i) => [name, means[i]!])),
    };
  };
}
