import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { CALLED_IN_TRAINING, calledInTraining } from '../keras-config/called-in-training.ts';
import { isOperation } from '../keras-config/is-operation.ts';
import { callOf, layerCall } from '../keras-config/layer-call.ts';
import { refuseQuantised } from '../keras-config/refuse-quantised.ts';
import { activationName, activationNames } from './activation-name.ts';
import { isModel } from './is-model.ts';
import type { KerasVersion } from './keras-version.ts';
import { type LayerRule, layerRule } from './layer-rules.ts';
import { operationLayer } from './operation-layer.ts';
import { type LayerPlace, quoted, unsupportedLayer } from './unsupported-layer.ts';

type JsonObject = Readonly<Record<string, JsonValue>>;

/** Settings of any layer, which tfjs reads or does not need. */
const COMMON = /^(?:name|trainable|dtype|autocast|batch_input_shape|batch_shape)$/;
const TRAINING = /_(initializer|regularizer|constraint)$/;

/** Names of the same initializers in tfjs. */
const INITIALIZERS: Readonly<Record<string, string>> = {
  LecunNormal: 'LeCunNormal',
  LecunUniform: 'LeCunUniform',
  OrthogonalInitializer: 'Orthogonal',
  IdentityInitializer: 'Identity',
};

/**
 * Converts a layer of a topology so that it computes the same in tfjs as in Keras: settings with
 * other names or meanings in tfjs are converted, or the layer becomes one of our own
 * (layers/keras-*.ts).
 *
 * @param keras version that wrote it; undefined: tfjs wrote it, and its layers stay unchanged
 * @throws FixresModelsError `unsupported-model` for anything unsupported, so that nothing is
 * dropped silently
 */
export function readableLayer(
  layer: JsonObject,
  keras: KerasVersion | undefined,
  where: string,
): JsonObject {
  const { class_name: given, config, name } = layer;
  // loadLayersModel reports what is missing.
  if (typeof given !== 'string' || !isJsonObject(config)) return layer;
  const place: LayerPlace = {
    name: (name ?? config.name ?? '') as string,
    className: given,
    where,
  };
  if (keras === undefined) {
    if (!isRegistered(given)) throw unknownClass(place);
    return layer;
  }
  refuseCalls(layer, place);
  if (isModel(layer)) return layer;
  refuseQuantised(config);
  if (isOperation(layer)) return operationLayer(layer, keras, place);
  const rule = layerRule(given);
  if (rule === undefined) {
    // The program's own layer.
    if (isRegistered(given)) return layer;
    throw unknownClass(place);
  }
  if (rule.refused !== undefined) throw unsupportedLayer(place, rule.refused);

  const settings = settingsOf(config, rule, place);
  const inner = (inside: JsonValue): JsonValue =>
    isJsonObject(inside) ? readableLayer(inside, keras, where) : inside;
  const read = rule.convert?.(settings, { keras, rank: rankOfInput(layer), inner }) ?? {
    className: given,
    config: settings,
  };
  if (typeof read === 'string') throw unsupportedLayer(place, read);
  return {
    ...layer,
    ...callsOn(rule.tensors, layer, place),
    class_name: read.className,
    config: { ...commonOf(config, given, place), ...withActivations(read.config, keras, place) },
  };
}

function refuseCalls(
  { class_name: className, inbound_nodes: nodes }: JsonObject,
  place: LayerPlace,
): void {
  const isCalledSo =
    Array.isArray(nodes) &&
    (nodes as JsonValue[]).some((node) => calledInTraining(className as string, layerCall(node)));
  if (isCalledSo) throw unsupportedLayer(place, CALLED_IN_TRAINING);
}

/** The calls with the tensors that tfjs's layer takes, if the rule says which. */
function callsOn(
  tensors: LayerRule['tensors'],
  { inbound_nodes: nodes }: JsonObject,
  place: LayerPlace,
): JsonObject {
  if (tensors === undefined || !Array.isArray(nodes)) return {};
  const calls = (nodes as JsonValue[]).map((node) => {
    const taken = tensors(layerCall(node));
    if (typeof taken === 'string') throw unsupportedLayer(place, taken);
    return callOf(node, taken);
  });
  return { inbound_nodes: calls };
}

/** The supported settings of the class. Rejects any other setting or value. */
function settingsOf(
  config: JsonObject,
  { reads = [], only = {}, readsAnything = false }: LayerRule,
  place: LayerPlace,
): JsonObject {
  const settings: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(config)) {
    if (COMMON.test(key) || TRAINING.test(key) || readsAnything) continue;
    const allowed = only[key];
    if (allowed !== undefined) {
      if (!allowed.some((each) => quoted(each) === quoted(value)))
        throw unsupportedLayer(place, `has ${key}=${quoted(value)}; ${listed(allowed)} supported`);
      settings[key] = value;
    } else if (reads.includes(key)) {
      settings[key] = value;
    } else if (value !== null) {
      throw unsupportedLayer(place, `has ${key}=${quoted(value)}, an unsupported setting`);
    }
  }
  return settings;
}

function listed(allowed: readonly JsonValue[]): string {
  const texts = allowed
    .filter((value) => value !== null && !Array.isArray(value))
    .map((value) => quoted(value));
  if (texts.length === 0) return 'only layers without it are';
  return texts.length === 1
    ? `${texts[0]!} is`
    : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)!} are`;
}

function commonOf(config: JsonObject, className: string, place: LayerPlace): JsonObject {
  const entries = Object.entries(config).flatMap(([key, value]): [string, JsonValue][] => {
    if (COMMON.test(key)) return [[key, value]];
    const [, kind] = TRAINING.exec(key) ?? [];
    if (kind === undefined) return [];
    // Keras 2 also writes the settings of a convolution, which make tfjs fail.
    if (className === 'SeparableConv2D' && key.startsWith('kernel_')) return [];
    return [
      [
        key,
        kind === 'initializer'
          ? initializer(value)
          : kind === 'regularizer'
            ? regularizer(value, key, place)
            : constraint(value, key, place),
      ],
    ];
  });
  return Object.fromEntries(entries);
}

/**
 * The file contains the values of the weights, so an initializer whose class tfjs does not have is
 * dropped.
 */
function initializer(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const { class_name: given, config } = value;
  const className = typeof given === 'string' ? (INITIALIZERS[given] ?? given) : '';
  if (registered(className) === undefined) return null;
  const { seed, ...rest } = isJsonObject(config) ? config : {};
  return {
    class_name: className,
    config: { ...rest, seed: typeof seed === 'number' ? seed : null },
  };
}

function regularizer(value: JsonValue, key: string, place: LayerPlace): JsonValue {
  if (!isJsonObject(value)) return value;
  const { l1 = 0, l2 = 0 } = isJsonObject(value.config) ? value.config : {};
  if (!['L1', 'L2', 'L1L2'].includes(value.class_name as string))
    throw unsupportedLayer(
      place,
      `has ${key}=${quoted(value.class_name)}; L1, L2 and L1L2 are supported`,
    );
  return { class_name: 'L1L2', config: { l1, l2 } };
}

function constraint(value: JsonValue, key: string, place: LayerPlace): JsonValue {
  if (!isJsonObject(value)) return value;
  const { class_name: className, config } = value;
  if (!['MaxNorm', 'MinMaxNorm', 'NonNeg', 'UnitNorm'].includes(className as string)) {
    throw unsupportedLayer(
      place,
      `has ${key}=${quoted(className)}; MaxNorm, MinMaxNorm, NonNeg and UnitNorm are supported`,
    );
  }
  return { class_name: className!, config: config ?? {} };
}

function withActivations(settings: JsonObject, keras: KerasVersion, place: LayerPlace): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => {
      if (key !== 'activation' && key !== 'recurrent_activation') return [key, value];
      const name = activationName(value, keras);
      if (name === undefined)
        throw unsupportedLayer(
          place,
          `has ${key}=${quoted(value)}; ${activationNames.join(', ')} are supported`,
        );
      return [key, name];
    }),
  );
}

/**
 * The rank including the batch, from the shapes that Keras 3 writes into calls and tf_keras beside
 * the settings.
 */
function rankOfInput({
  inbound_nodes: nodes,
  build_config: built,
}: JsonObject): number | undefined {
  const [call] = Array.isArray(nodes) ? (nodes as JsonValue[]) : [];
  if (isJsonObject(call) && Array.isArray(call.args)) {
    const tensor = (call.args as JsonValue[]).flat()[0];
    if (isJsonObject(tensor) && isJsonObject(tensor.config) && Array.isArray(tensor.config.shape))
      return tensor.config.shape.length;
  }
  return isJsonObject(built) && Array.isArray(built.input_shape)
    ? built.input_shape.length
    : undefined;
}

/** Whether tfjs can create a layer of this class. */
function isRegistered(className: string): boolean {
  return registered(className)?.prototype instanceof layers.Layer;
}

function registered(
  className: string,
): tf.serialization.SerializableConstructor<tf.serialization.Serializable> | undefined {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  return Object.hasOwn(classNameMap, className) ? classNameMap[className]![0] : undefined;
}

function unknownClass(place: LayerPlace): Error {
  return unsupportedLayer(place, 'is of an unsupported class');
}
