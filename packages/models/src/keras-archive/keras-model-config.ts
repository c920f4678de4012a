import { type layers, LayersModel } from '@tensorflow/tfjs-layers';
import type { JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';
import type { Rescaling } from '../keras-config/arithmetic.ts';
import { kerasLayerSettings } from './layer-settings.ts';

type Json = Record<string, JsonValue>;

/** One layer as tfjs serialises it, with the names of Python. */
interface SerialisedLayer {
  class_name: string;
  config: Json & { name: string };
  /** Calls, each with its inputs: layer, call and output. Missing in a Sequential. */
  inbound_nodes?: [string, number, number, unknown][][];
}

const dtype: Json = {
  module: 'keras',
  class_name: 'DTypePolicy',
  config: { name: 'float32' },
  registered_name: null,
};

/**
 * The configuration of a model as Keras 3 writes it into a `.keras` archive: a functional model with
 * the same layers.
 *
 * @param model with one input, and each layer called once; only read
 * @param preprocessing a layer Rescaling to put after the input
 * @throws FixresModelsError `unsupported-model` naming the first layer that Keras 3 does not have
 */
export function kerasModelConfig(model: LayersModel, preprocessing?: Rescaling): Json {
  const { config } = model.toJSON(null, false) as unknown as {
    config: { layers: SerialisedLayer[] };
  };
  const [input, ...others] = model.inputs;
  if (others.length > 0)
    throw new FixresModelsError(
      'unsupported-model',
      `Model "${model.name}" has ${1 + others.length} inputs; models with one input can be exported to Keras.`,
    );
  const inputName = input!.sourceLayer.name;
  const shapes = new Map<string, JsonValue>([[inputName, input!.shape]]);
  const scaled = preprocessing && freeName(model, 'preprocessing');
  const entries: Json[] = [inputEntry(inputName, input!.shape)];
  if (preprocessing && scaled !== undefined) {
    shapes.set(scaled, input!.shape);
    entries.push(
      layerEntry('Rescaling', scaled, { ...preprocessing }, [tensor(inputName, shapes)]),
    );
  }
  let previous = inputName;
  for (const [
    i,
    { class_name: className, config: settings, inbound_nodes: nodes },
  ] of config.layers.entries()) {
    if (className === 'InputLayer') continue;
    const { name } = settings;
    const layer = model.layers[i]!;
    if (layer instanceof LayersModel) throw refused(name, className, 'is a model of its own');
    if (layer.inboundNodes.length > 1) throw refused(name, className, 'is called more than once');
    const sources = nodes ? nodes[0]!.map(([from]) => from) : [previous];
    const translated = kerasLayerSettings(
      className,
      {
        ...(className === 'SeparableConv2D' && { depth_multiplier: depthMultiplier(layer) }),
        ...settings,
      },
      (shapes.get(sources[0]!) as JsonValue[]).length,
    );
    if (typeof translated === 'string') throw refused(name, className, translated);
    const inputs = sources.map((from) =>
      tensor(from === inputName && scaled !== undefined ? scaled : from, shapes),
    );
    shapes.set(name, layer.outputShape);
    entries.push(layerEntry(translated.className, name, translated.settings, inputs));
    previous = name;
  }
  const outputs = model.outputs.map((output) => [output.sourceLayer.name, 0, 0]);
  return {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name: model.name,
      trainable: true,
      layers: entries,
      input_layers: [inputName, 0, 0],
      output_layers: outputs.length === 1 ? outputs[0]! : outputs,
    },
    registered_name: 'Functional',
    build_config: { input_shape: null },
  };
}

function inputEntry(name: string, shape: JsonValue): Json {
  return {
    module: 'keras.layers',
    class_name: 'InputLayer',
    config: {
      batch_shape: shape,
      dtype: 'float32',
      sparse: false,
      ragged: false,
      name,
      optional: false,
    },
    registered_name: null,
    name,
    inbound_nodes: [],
  };
}

function layerEntry(className: string, name: string, settings: Json, inputs: Json[]): Json {
  const [only, ...others] = inputs;
  return {
    module: 'keras.layers',
    class_name: className,
    config: { name, trainable: true, dtype, ...settings },
    registered_name: null,
    name,
    inbound_nodes: [{ args: [others.length === 0 ? only! : inputs], kwargs: {} }],
  };
}

/** The output of a layer. */
function tensor(name: string, shapes: ReadonlyMap<string, JsonValue>): Json {
  return {
    class_name: '__keras_tensor__',
    config: { shape: shapes.get(name)!, dtype: 'float32', keras_history: [name, 0, 0] },
  };
}

/** Output channels per input channel of a separable convolution, which tfjs's own layer does not state. */
function depthMultiplier({ weights }: layers.Layer): number {
  return weights[0]!.shape.at(-1)!;
}

function freeName({ layers }: LayersModel, wanted: string): string {
  const used = new Set(layers.map(({ name }) => name));
  let name = wanted;
  for (let i = 1; used.has(name); i++) name = `${wanted}_${i}`;
  return name;
}

function refused(name: string, className: string, why: string): FixresModelsError {
  return new FixresModelsError(
    'unsupported-model',
    `Layer "${name}" (${className}) cannot be exported to Keras: it ${why}.`,
  );
}
