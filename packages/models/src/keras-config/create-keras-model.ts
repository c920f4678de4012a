import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';
import { registerReluGrad } from '../kernels/relu-grad.ts';
// Registers the layers, as in loadModelFolder.
import '../layers/batch-normalization.ts';
import '../layers/keras-layers.ts';
import '../layers/activation/relu.ts';
import { checkModelGraph } from '../topology/check-model-graph.ts';
import { readableTopology } from '../topology/readable-topology.ts';
import type { LayerPlace } from '../weights/arrays-at.ts';
import type { KerasWeights } from '../weights/keras-weights.ts';
import { type LoadedWeights, loadKerasWeights } from '../weights/load-keras-weights.ts';
import { applicationScaling, type ApplicationScaling } from './application-scaling.ts';
import { classifierKind, type HeadKind } from './classifier-kind.ts';
import { allNodes, type GraphNode } from './graph-node.ts';
import { scalesInput } from './input-scaling.ts';
import { entriesOf, MODEL_CLASSES } from './layer-entries.ts';
import { modelGraph } from './read-graph.ts';
import { twoClassHead } from './two-class-head.ts';

type JsonObject = Readonly<Record<string, JsonValue>>;

/** A model created from a Keras file. */
export interface KerasModel {
  /** With the file's weights. The caller disposes it. */
  model: LayersModel;
  /** Height and width of the images that the file's model was built for; null if it accepts any. */
  inputSize: readonly [number | null, number | null];
  /** How the layers of file and model were matched. */
  matchedBy: LoadedWeights['matchedBy'];
  /** Number of arrays that were loaded. */
  arrays: number;
  /** Undefined if the model does not end in a classifier, or if a new one will replace it. */
  head?: HeadKind;
  /** Whether the first layers scale levels 0..255 themselves. */
  scalesInput: boolean;
  /** The scaling for which `keras.applications` trains models of this name, if it knows the name. */
  application?: ApplicationScaling;
}

export interface CreateKerasModelOptions {
  /** How errors refer to the file. Default `the file`. */
  name?: string;
  /** Whether a new classifier will replace what follows the network, so that it can be anything. */
  newClassifier?: boolean;
  /**
   * Whether images can have several classes: a classifier without activation gets a sigmoid. Default
   * false.
   */
  multiLabel?: boolean;
  /**
   * Whether to keep stochastic depth, which drops the branch of a residual block for some images in
   * training. Without it, the features of a frozen network are the same in every epoch. Predictions
   * do not change. Default true.
   */
  dropPath?: boolean;
  /**
   * Whether the configuration is that of the file, and so shows where each layer's arrays are.
   * Otherwise layers are matched as by `loadKerasWeights`. Default true.
   */
  ownConfig?: boolean;
}

/**
 * Creates the model that a Keras file describes, layer by layer, with its weights. Every layer of
 * docs/keras-layers.md is supported, in functional and Sequential models, nested and shared. A
 * classifier with one sigmoid output becomes one with two classes and softmax.
 *
 * @param weights with a configuration that `describesComputation`
 * @throws FixresModelsError `unsupported-model` naming the layer and its class, or if `multiLabel`
 * does not fit the classifier; `bad-weights-file`,
 * `damaged-model`; WeightsMismatchError if the arrays do not fit the configuration
 */
export async function createKerasModel(
  weights: KerasWeights,
  {
    name: where = 'the file',
    newClassifier = false,
    multiLabel = false,
    dropPath = true,
    ownConfig = true,
  }: CreateKerasModelOptions = {},
): Promise<KerasModel> {
  const config = weights.config as JsonObject;
  const { output, inputShape } = modelGraph(config);
  const [height = null, width = null, channels = null] = inputShape;
  if (inputShape.length !== 3 || channels !== 3) {
    throw new FixresModelsError(
      'unsupported-model',
      `The input of the model in ${where} has the shape [${inputShape.map((side) => side ?? 'any').join(', ')}]; ` +
        'images are [height, width, 3].',
    );
  }
  const head = newClassifier ? undefined : headOf(output, multiLabel);
  const places = layerPlaces(config, where);
  const readable = readableTopology(config, where);
  checkModelGraph(readable, where);
  const kept = dropPath ? readable : withoutDropPath(readable);
  const topology = withZeros(head ? withOutputs(kept, head) : kept);
  registerReluGrad();
  const model = await load(topology as JsonObject, where);
  try {
    const { shape } = model.outputs[0]!;
    if (head && shape.length !== 2) {
      throw new FixresModelsError(
        'unsupported-model',
        `The output of the model in ${where} has the shape [${shape
          .slice(1)
          .map((side) => side ?? 'any')
          .join(', ')}]; a classifier has one number for each class. ` +
          '--new-classifier puts one behind it.',
      );
    }
    const classifier = head && places.get(head.layers[0]!);
    const ready =
      head?.kind === 'sigmoid' && classifier
        ? twoClassHead(weights, head.kind, classifier)
        : weights;
    const { arrays, matchedBy } = loadKerasWeights(model, ready, ownConfig ? { places } : {});
    const application = applicationScaling(config);
    return {
      model,
      inputSize: [height, width],
      matchedBy,
      arrays,
      ...(head && { head: head.kind }),
      scalesInput: scalesInput(allNodes(output)),
      ...(application && { application }),
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function load(topology: JsonObject, where: string): Promise<LayersModel> {
  try {
    return await loadLayersModel(tf.io.fromMemory({ modelTopology: topology }));
  } catch (cause) {
    throw new FixresModelsError(
      'damaged-model',
      `The model in ${where} is not valid: ${(cause as Error).message.split('\n', 1)[0]!}`,
      { cause },
    );
  }
}

interface Head {
  kind: HeadKind;
  /** Undefined for logits. */
  activation: string | undefined;
  /** The layer with the classifier's weights, and those behind it. */
  layers: readonly string[];
}

/** Layers behind a classifier, or its activation, that only change the shape of [b, 1, 1, classes]. */
const SHAPES = new Set(['Flatten', 'Reshape']);

/** @throws FixresModelsError `unsupported-model` for a model that does not end in a classifier */
function headOf(output: GraphNode, multiLabel: boolean): Head {
  const layers = [output.layer];
  let node = output;
  let activation: string | undefined;
  while (SHAPES.has(node.op) || (node.op === 'Activation' && activation === undefined)) {
    if (node.op === 'Activation') activation = node.settings.activation as string;
    if (node.inputs[0] === undefined) break;
    node = node.inputs[0];
    layers.unshift(node.layer);
  }
  const units = node.op === 'Dense' ? node.settings.units : node.settings.filters;
  const isClassifier = node.op === 'Dense' || node.op === 'Conv2D';
  if (!isClassifier || typeof units !== 'number') {
    throw new FixresModelsError(
      'unsupported-model',
      `The model ends in layer "${node.layer}" (${node.op}), which is not a classifier: a Dense layer, ` +
        'or a convolution of one pixel, with softmax, sigmoid or no activation. ' +
        '--new-classifier puts one behind it.',
    );
  }
  const kind = classifierKind(node.layer, units, activation, multiLabel);
  if (kind === undefined || (kind === 'sigmoid' && node.op !== 'Dense')) {
    throw new FixresModelsError(
      'unsupported-model',
      `The classifier "${node.layer}" (${node.op}) with ${units} outputs has activation ${activation ?? 'linear'}; ` +
        'softmax, sigmoid of one Dense output or of several classes, or none are supported. ' +
        '--new-classifier leaves it out.',
    );
  }
  return { kind, activation, layers: [...new Set(layers)] };
}

/** The file's place of every layer, also of those in nested models, by the layer's name. */
function layerPlaces(config: JsonObject, where: string): Map<string, LayerPlace> {
  const places = new Map<string, LayerPlace>();
  const visit = ({ class_name: className, config: inside }: JsonObject, path: string): void => {
    const layers = isJsonObject(inside) ? inside.layers : undefined;
    if (!Array.isArray(layers)) return;
    const isSequential = className === 'Sequential';
    for (const entry of entriesOf(layers as JsonValue[], path, isSequential)) {
      if (Object.hasOwn(MODEL_CLASSES, entry.className))
        visit({ class_name: entry.className, config: entry.config }, `${entry.path}/`);
      else if (!places.has(entry.name))
        places.set(entry.name, { name: entry.name, path: entry.path });
      else if (entry.className !== 'InputLayer') {
        throw new FixresModelsError(
          'unsupported-model',
          `Two layers of the model in ${where} have the name "${entry.name}" (${entry.className}); rename one: ` +
            'weights are saved by the names of layers.',
        );
      }
    }
  };
  visit(config, '');
  return places;
}

/**
 * Without initial values, because the file has all weights: drawing 138 million random numbers for
 * VGG16 takes longer than reading them.
 */
function withZeros(value: JsonValue): JsonValue {
  return mapped(value, (key) =>
    key.endsWith('_initializer') ? { class_name: 'Zeros', config: {} } : undefined,
  );
}

/**
 * Replaces every dropout of whole examples by a layer that does nothing: EfficientNet writes
 * stochastic depth so.
 */
function withoutDropPath(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as JsonValue[]).map(withoutDropPath);
  if (!isJsonObject(value)) return value;
  const { class_name: className, config } = value;
  if (className !== 'Dropout' || !isJsonObject(config) || !isPerExample(config.noise_shape))
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [key, withoutDropPath(field)]),
    );
  const identity = { name: config.name!, activation: 'linear' };
  return { ...value, class_name: 'Activation', config: identity };
}

function isPerExample(shape: JsonValue | undefined): boolean {
  return (
    Array.isArray(shape) &&
    shape.length > 1 &&
    shape.every((side, i) => (i === 0 ? side === null : side === 1))
  );
}

/** Replaces what the file's classifier computes by what this package reads. */
function withOutputs(value: JsonValue, { kind, activation, layers }: Head): JsonValue {
  if (kind === 'sigmoid') return withTwoClasses(value, layers);
  return kind === 'multi-label' && activation === undefined
    ? withSigmoid(value, layers[0]!)
    : value;
}

/** Puts a sigmoid behind the weights of a layer that has no activation. */
function withSigmoid(value: JsonValue, layer: string): JsonValue {
  return mapped(value, (key, field) =>
    key === 'config' && isJsonObject(field) && field.name === layer
      ? { ...field, activation: 'sigmoid' }
      : undefined,
  );
}

/** Replaces one sigmoid output by two with softmax. */
function withTwoClasses(value: JsonValue, layers: readonly string[]): JsonValue {
  return mapped(value, (key, field) => {
    if (key !== 'config' || !isJsonObject(field) || !layers.includes(field.name as string))
      return undefined;
    const { units, activation } = field;
    return {
      ...field,
      ...(units === undefined ? {} : { units: 2 }),
      ...(activation === 'sigmoid' ? { activation: 'softmax' } : {}),
    };
  });
}

/** Replaces fields of objects at any depth, if `replace` returns a value for them. */
function mapped(
  value: JsonValue,
  replace: (key: string, field: JsonValue) => JsonValue | undefined,
): JsonValue {
  if (Array.isArray(value)) return (value as JsonValue[]).map((item) => mapped(item, replace));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key,
      replace(key, field) ?? mapped(field, replace),
    ]),
  );
}
