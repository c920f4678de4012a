import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { LeafLayer } from '../model/model-layers.ts';
import { pinFrozen } from '../model/pin-variable.ts';
import { type LayerMode, trainsWeights } from './freeze-policy.ts';

type LayerCall = tfl.layers.Layer['call'];
type Inputs = tf.Tensor | tf.Tensor[];

/**
 * Replaces a layer's own call. `run` is that call with a chosen `training`; `training` is the value
 * from the caller.
 */
export type CallOverride = (
  run: (training: unknown) => Inputs,
  inputs: Inputs,
  training: unknown,
) => Inputs;

/**
 * Stores the flags of layers and variables, and returns a function that restores them. Call it
 * before any change, because setting the flag of a nested model or wrapper changes those of the
 * layers inside.
 */
export function rememberFlags(
  enclosing: readonly tfl.layers.Layer[],
  leaves: readonly LeafLayer[],
): () => void {
  // Outermost first, variables last, so that no outer flag overwrites an inner one.
  const layers = [...enclosing, ...leaves.map(({ layer }) => layer)].map(
    (layer) => [layer, layer.trainable] as const,
  );
  const variables = leaves
    .flatMap(({ weights, statistics }) => [...weights, ...statistics])
    .map((variable) => [variable, variable.trainable] as const);
  return () => {
    for (const [layer, trainable] of layers) layer.trainable = trainable;
    for (const [variable, trainable] of variables) variable.trainable = trainable;
  };
}

/**
 * Puts one layer into a mode. Returns a function that undoes this, except for flags (see {@link
 * rememberFlags}).
 *
 * The stock batch normalisation of tfjs-layers 4.22 ignores `trainable`: when frozen, it still
 * normalises with the batch's statistics and updates its running ones in `fit`. So its `call` is
 * replaced on the instance, unless the layer declares `frozenAware === true`. Any other layer with
 * state is treated the same way: frozen means that nothing of it changes.
 *
 * @param override for norms that are not frozen: runs each of their calls.
 */
export function switchLayer(
  { layer, weights, statistics, isNorm }: LeafLayer,
  mode: LayerMode,
  override: CallOverride,
): () => void {
  layer.trainable = mode !== 'freeze';
  const undo = trainsWeights(mode) ? [] : weights.map(pinFrozen);
  if (trainsWeights(mode)) for (const variable of weights) variable.trainable = true;
  if (isNorm && mode !== 'freeze') undo.push(replaceCall(layer, override));
  const inferenceOnly =
    statistics.length > 0 &&
    (mode === 'freeze' ? !isFrozenAware(layer) : mode === 'parameters-only' && !isNorm);
  if (inferenceOnly) undo.push(replaceCall(layer, (run) => run(false)));
  return () => {
    for (const step of undo) step();
  };
}

/** Whether the layer itself runs in inference mode when it is not trainable, as in Keras. */
export function isFrozenAware(layer: tfl.layers.Layer): boolean {
  return Reflect.get(layer, 'frozenAware') === true;
}

function replaceCall(layer: tfl.layers.Layer, override: CallOverride): () => void {
  const own = Object.getOwnPropertyDescriptor(layer, 'call');
  // Always called with the layer as `this`, see below.
  // oxlint-disable-next-line typescript/unbound-method
  const original: LayerCall = layer.call;
  let active = true;
  const replacement: LayerCall = (inputs, kwargs) =>
    active
      ? override(
          (training) => original.call(layer, inputs, { ...kwargs, training }),
          inputs,
          kwargs.training,
        )
      : original.call(layer, inputs, kwargs);
  layer.call = replacement;
  return () => {
    active = false;
    // If the replacement was wrapped in turn, it stays in place and passes everything through.
    if (layer.call !== replacement) return;
    if (own === undefined) Reflect.deleteProperty(layer, 'call');
    else Object.defineProperty(layer, 'call', own);
  };
}
