import { type FreezeHandle, splitTrunk } from '@fixres/finetune';
import { applyLogits, type LogitsModel } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkpointedStep, type OrderAfter } from './checkpointed-step.ts';
import {
  countedLoss,
  crossEntropy,
  type GradientFunction,
  type Head,
  headOf,
  type LossFunction,
} from './gradient-function.ts';

export interface GradientStepOptions {
  /** Default: softmax cross-entropy. */
  loss?: LossFunction | undefined;
  /** Takes the same images; its logits are passed to the loss. Not owned. */
  teacher?: LayersModel | undefined;
  /** See {@link checkpointedStep}. Default false. */
  gradientCheckpointing?: boolean | undefined;
  /** Of a step that is recorded as a graph. */
  orderAfter?: OrderAfter | undefined;
}

/**
 * Forward and backward pass of a classifier. It updates running statistics, but no weights. A
 * frozen trunk is computed outside of the gradient, so that its activations are freed at once.
 *
 * @throws FixresRunnerError `bad-option` if gradients of the model cannot be checkpointed
 */
export function gradientStep(
  model: LayersModel,
  handle: FreezeHandle,
  options: GradientStepOptions = {},
): GradientFunction {
  const { teacher } = options;
  const step = imageStep(model, handle, options);
  if (teacher === undefined) return step;
  // Outside of the gradient, so that the teacher's activations are freed at once.
  return (images, labels, targets) =>
    step(images, labels, targets, applyLogits(teacher, images, false));
}

function imageStep(
  model: LayersModel,
  handle: FreezeHandle,
  { loss, gradientCheckpointing = false, orderAfter }: GradientStepOptions,
): GradientFunction {
  const split = splitTrunk(handle);
  const checkpointed = gradientCheckpointing
    ? checkpointedStep(model, handle, { loss, orderAfter })
    : undefined;
  if (split === null) return checkpointed ?? stepThrough(model, handle, loss);
  const step =
    checkpointed ??
    headGradientStep(model, handle, (features, mode) => split.head(features, mode), loss);
  return (images, ...rest) => step(split.trunk(images), ...rest);
}

/** {@link gradientStep} that starts from the features of a frozen trunk. */
export function headGradientStep(
  model: LayersModel,
  handle: FreezeHandle,
  head: Head,
  loss?: LossFunction,
): GradientFunction {
  return stepThrough(headOf(model, head), handle, loss);
}

function stepThrough(
  model: LogitsModel,
  handle: FreezeHandle,
  lossOf = crossEntropy,
): GradientFunction {
  const variables = handle.gradientVariables;
  return (...batch) => {
    const { differentiated, correct } = countedLoss(model, lossOf, batch, (loss) =>
      tf.variableGrads(loss, variables),
    );
    return { loss: differentiated.value, correct, gradients: differentiated.grads };
  };
}
