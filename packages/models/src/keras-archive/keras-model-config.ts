import { type layers, LayersModel, type LayerVariable } from '@tensorflow/tfjs-layers';
import type { JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';
import type { Rescaling } from '../keras-config/arithmetic.ts';
import { type KerasLayer, layerPaths, variablesOf } from '../weights/keras-layers.ts';
import { type KerasLayerSettings, kerasLayerSettings, reversedChannels } from './layer-settings.ts';

type Json = Record<string, JsonValue>;

/** One layer as tfjs serialises it, with the names of Python. */
interface SerialisedLayer {
  class_name: string;
  config: Json & { name: string };
  /** Calls, each with its inputs: layer, call and output. Missing in a Sequential. */
  inbound_nodes?: [string, number, number, unknown][][];
}

/** The configuration of a functional model, or of a Sequential, which names no outputs. */
interface SerialisedModel {
  layers: SerialisedLayer[];
  output_layers?: unknown;
}

const dtype: Json = {
  module: 'keras',
  class_name: 'DTypePolicy',
  config: { name: 'float32' },
  registered_name: null,
};

/** Keras's layer Resizing, bilinear. */
export interface KerasResizing {
  height: number;
  width: number;
  antialias: boolean;
}

/** Layers that prepare images, in this order. */
export interface KerasPreparation {
  /** Resizes images of any size, channels last; the model's input then has no fixed size. */
  resizing?: KerasResizing | undefined;
  /** Whether to put blue first, before the scaling. Default false. */
  reverseChannels?: boolean | undefined;
  /** Scales levels: `scale * x + offset`, numbers or one per channel. */
  preprocessing?: Rescaling | undefined;
}

/** A model as a `.keras` archive describes it. */
export interface KerasArchiveModel {
  config: Json;
  /** Its layers with the weights of the model, in the order of `config`. */
  layers: KerasLayer[];
}

/**
 * The configuration of a model as Keras 3 writes it into a `.keras` archive: a functional model with
 * the same layers. The layers of a model inside it become layers of its own.
 *
 * @param model with one input, and each layer called once; only read
 * @param preparation layers to put after the input
 * @throws FixresModelsError `unsupported-model` naming the first layer that Keras 3 does not have
 */
export function kerasModelConfig(
  model: LayersModel,
  { resizing, reverseChannels = false, preprocessing }: KerasPreparation = {},
): KerasArchiveModel {
  const [input, ...others] = model.inputs;
  if (others.length > 0)
    throw new FixresModelsError(
      'unsupported-model',
      `Model "${model.name}" has ${1 + others.length} inputs; models with one input can be exported to Keras.`,
    );
  const archive = new Archive();
  const { shape } = input!;
  const inputName = archive.input(
    input!.sourceLayer.name,
    resizing ? [shape[0]!, null, null, shape[3]!] : shape,
  );
  let given = inputName;
  if (resizing) given = archive.resizing(resizing, given);
  if (reverseChannels) given = archive.reversal(given);
  if (preprocessing) given = archive.rescaling(preprocessing, given);
  const outputs = archive
    .model(model, serialised(model), given)
    .map((name): JsonValue => [name, 0, 0]);
  const config = {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name: model.name,
      trainable: true,
      layers: archive.entries,
      input_layers: [inputName, 0, 0],
      output_layers: outputs.length === 1 ? outputs[0]! : outputs,
    },
    registered_name: 'Functional',
    build_config: { input_shape: null },
  };
  return { config, layers: archive.layers };
}

function serialised(model: LayersModel): SerialisedModel {
  return (model.toJSON(null, false) as unknown as { config: SerialisedModel }).config;
}

/** The functional model so far. */
class Archive {
  readonly entries: Json[] = [];
  readonly layers: KerasLayer[] = [];
  /** Output shape of each layer, by its name. */
  readonly #shapes = new Map<string, JsonValue>();
  readonly #path = layerPaths();

  input(name: string, shape: (number | null)[]): string {
    this.#add('InputLayer', name, shape, []);
    this.entries.push(inputEntry(name, shape));
    return name;
  }

  resizing(settings: KerasResizing, from: string): string {
    const [images, , , channels] = this.#shapes.get(from) as JsonValue[];
    const shape = [images!, settings.height, settings.width, channels!];
    const bilinear = { ...settings, interpolation: 'bilinear', data_format: 'channels_last' };
    return this.#prepared({ className: 'Resizing', settings: bilinear }, 'resizing', shape, from);
  }

  reversal(from: string): string {
    return this.#prepared(reversedChannels, 'channels', this.#shapes.get(from)!, from);
  }

  rescaling(settings: Rescaling, from: string): string {
    const shape = this.#shapes.get(from)!;
    const rescaling = { className: 'Rescaling', settings: { ...settings } };
    return this.#prepared(rescaling, 'preprocessing', shape, from);
  }

  /** Appends a layer that is not the model's. */
  #prepared(layer: KerasLayerSettings, wanted: string, shape: JsonValue, from: string): string {
    return this.#append(layer, wanted, [from], shape, []);
  }

  /**
   * Appends the layers of a model, but not its input.
   *
   * @param given the layer whose output is the model's input
   * @returns the layers whose outputs are the model's
   */
  model(model: LayersModel, config: SerialisedModel, given: string): string[] {
    /** The names of the model's own layers in the archive. */
    const names = new Map<string, string>();
    let previous = given;
    for (const [i, entry] of config.layers.entries()) {
      const layer = model.layers[i]!;
      const { name } = entry.config;
      if (entry.class_name === 'InputLayer') names.set(name, given);
      else {
        const sources = entry.inbound_nodes?.[0]!.map(([from]) => names.get(from)!) ?? [previous];
        previous = this.#layer(layer, entry, sources);
        names.set(name, previous);
      }
    }
    const outputs = 'output_layers' in config ? model.outputs : undefined;
    return outputs?.map(({ sourceLayer }) => names.get(sourceLayer.name)!) ?? [previous];
  }

  /** Appends a layer, or the layers of a model, and returns the name of the last one. */
  #layer(
    layer: layers.Layer,
    { class_name: className, config, inbound_nodes: calls = [] }: SerialisedLayer,
    sources: readonly string[],
  ): string {
    if (calls.length > 1) throw refused(layer, 'is called more than once');
    if (layer instanceof LayersModel) {
      const [only, ...others] = this.model(
        layer,
        config as unknown as SerialisedModel,
        sources[0]!,
      );
      if (sources.length > 1 || others.length > 0)
        throw refused(layer, 'is a model with several inputs or outputs');
      return only!;
    }
    const settings = {
      ...(className === 'SeparableConv2D' && { depth_multiplier: depthMultiplier(layer) }),
      ...config,
    };
    const rank = (this.#shapes.get(sources[0]!) as JsonValue[]).length;
    const translated = kerasLayerSettings(className, settings, rank);
    if (typeof translated === 'string') throw refused(layer, translated);
    return this.#append(translated, config.name, sources, layer.outputShape, variablesOf(layer));
  }

  #append(
    layer: KerasLayerSettings,
    wanted: string,
    sources: readonly string[],
    shape: JsonValue,
    variables: LayerVariable[],
  ): string {
    const name = this.#free(wanted);
    this.entries.push(
      layerEntry(
        layer,
        name,
        sources.map((from) => this.#tensor(from)),
      ),
    );
    if (layer.module === undefined) this.#add(layer.className, name, shape, variables);
    else this.#shapes.set(name, shape);
    return name;
  }

  #add(className: string, name: string, shape: JsonValue, variables: LayerVariable[]): void {
    this.#shapes.set(name, shape);
    this.layers.push({ name, path: this.#path(className), variables });
  }

  /** The output of a layer. */
  #tensor(name: string): Json {
    return {
      class_name: '__keras_tensor__',
      config: { shape: this.#shapes.get(name)!, dtype: 'float32', keras_history: [name, 0, 0] },
    };
  }

  #free(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#shapes.has(name); i++) name = `${wanted}_${i}`;
    return name;
  }
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

function layerEntry(
  { className, settings, module: operations }: KerasLayerSettings,
  name: string,
  inputs: Json[],
): Json {
  const [only, ...others] = inputs;
  const isLayer = operations === undefined;
  return {
    module: operations ?? 'keras.layers',
    class_name: className,
    config: { name, ...(isLayer && { trainable: true, dtype }), ...settings },
    registered_name: isLayer ? null : className,
    name,
    inbound_nodes: [{ args: [others.length === 0 ? only! : inputs], kwargs: {} }],
  };
}

/** Output channels per input channel of a separable convolution, which tfjs's own layer does not state. */
function depthMultiplier({ weights }: layers.Layer): number {
  return weights[0]!.shape.at(-1)!;
}

function refused(layer: layers.Layer, why: string): FixresModelsError {
  return new FixresModelsError(
    'unsupported-model',
    `Layer "${layer.name}" (${layer.getClassName()}) cannot be exported to Keras: it ${why}.`,
  );
}
