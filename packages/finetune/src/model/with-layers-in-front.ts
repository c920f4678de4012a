import type * as tfl from '@tensorflow/tfjs-layers';
import { type Json, rebuildModel } from './rebuild-model.ts';

/** A layer in the form of a saved model: its class and arguments, with a name. */
export interface FrontLayer {
  className: string;
  config: { name: string; [argument: string]: Json };
}

type JsonObject = Record<string, Json>;

/**
 * A model that applies some layers to its image first. Its own layers keep their names and places,
 * so groups, freeze policies and exported weights stay the same. The caller disposes both models.
 *
 * @param model one input
 * @param front layers without weights that keep the shape of the image, in order
 */
export async function withLayersInFront(
  model: tfl.LayersModel,
  front: readonly FrontLayer[],
): Promise<tfl.LayersModel> {
  const inputShape = model.inputs[0]!.shape;
  return rebuildModel(model, (topology) => {
    const { config, ...rest } = topology as JsonObject;
    const inside = config as JsonObject;
    const layers = inside.layers as JsonObject[];
    const changed =
      rest.class_name === 'Sequential'
        ? inSequential(layers, front, inputShape)
        : inFunctional(layers, front, (inside.input_layers as Json[][])[0]![0] as string);
    return { ...rest, config: { ...inside, layers: changed } };
  });
}

function inSequential(
  layers: readonly JsonObject[],
  front: readonly FrontLayer[],
  inputShape: readonly (number | null)[],
): JsonObject[] {
  const [first] = layers;
  const [before, after] =
    first?.class_name === 'InputLayer' ? [layers.slice(0, 1), layers.slice(1)] : [[], layers];
  const added = front.map(({ className, config }, i) => ({
    class_name: className,
    config: { ...config, ...(i === 0 ? { batch_input_shape: [...inputShape] } : {}) },
  }));
  return [...before, ...added, ...after];
}

function inFunctional(
  layers: readonly JsonObject[],
  front: readonly FrontLayer[],
  input: string,
): JsonObject[] {
  const names = [input, ...front.map(({ config }) => config.name)];
  const added = front.map(({ className, config }, i) => ({
    name: config.name,
    class_name: className,
    config,
    inbound_nodes: [[[names[i]!, 0, 0, {}]]],
  }));
  // Calls are nested lists that end in [layer, call, tensor, arguments].
  const redirected = (call: Json): Json => {
    if (!Array.isArray(call)) return call;
    return call[0] === input ? [names.at(-1)!, ...call.slice(1)] : call.map(redirected);
  };
  return layers.flatMap((layer) =>
    layer.name === input
      ? [layer, ...added]
      : [{ ...layer, inbound_nodes: redirected(layer.inbound_nodes ?? []) }],
  );
}
