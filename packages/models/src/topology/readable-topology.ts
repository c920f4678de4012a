import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { isModel } from './is-model.ts';
import { kerasVersion, type KerasVersion } from './keras-version.ts';
import { readableLayer } from './readable-layer.ts';
import { withStackedChannels } from './reverses-channels.ts';

type JsonObject = Readonly<Record<string, JsonValue>>;

/** Information that applies to a whole topology. */
interface Context {
  keras: KerasVersion | undefined;
  /** The file, for error messages. */
  where: string;
}

/**
 * Converts a model's topology to tfjs's form, so that it computes the same as in the program that
 * saved it.
 *
 * Keras layers become layers of tfjs or our own layers that compute the same, see `readableLayer`.
 * Keras 3 also writes some things in forms on which `loadLayersModel` of tfjs 4.22 fails:
 * `batch_shape` of inputs, dtype policies as objects, calls of layers as `{ args, kwargs }` with
 * tensors inside, calls of nested models counted from 0, and single inputs and outputs without the
 * list around them. Everything else stays unchanged.
 *
 * @param topology `modelTopology` of a model.json, or the configuration in a Keras file
 * @param where the file, for error messages
 * @throws FixresModelsError `unsupported-model`
 */
export function readableTopology(topology: JsonObject, where: string): JsonObject {
  const context = { keras: kerasVersion(topology), where };
  const { model_config: wrapped } = topology;
  return isJsonObject(wrapped)
    ? { ...topology, model_config: readable(wrapped, context) }
    : readable(topology, context);
}

/**
 * The models among the enclosing model's layers whose calls are counted from 0. tfjs counts from 1, because a model has a call when it
 * is created. Keras 3 counts from 0, but from 1 where the result of a functional model is an input or output of the enclosing one
 * (`Functional.get_config`).
 */
interface CountedFrom0 {
  inCalls: ReadonlySet<string>;
  atEnds: ReadonlySet<string>;
}

const none: CountedFrom0 = { inCalls: new Set(), atEnds: new Set() };

function readable(value: JsonObject, context: Context, nested: CountedFrom0 = none): JsonObject {
  const inside = Array.isArray(value.layers)
    ? modelsCountedFrom0(value.layers as JsonValue[])
    : nested;
  const entries = Object.entries(value).map(([key, field]): [string, JsonValue] => {
    switch (key) {
      // Before Keras 2.3 the configuration of a Sequential was its list of layers.
      case 'config':
      case 'layers':
        return [
          key,
          Array.isArray(field)
            ? withStackedChannels(field as JsonValue[]).map((layer) =>
                readableEntry(layer, context, inside),
              )
            : readableField(field, context, inside),
        ];
      case 'batch_shape':
        return ['batch_input_shape', field];
      case 'dtype':
        return [key, dtypeName(field)];
      case 'inbound_nodes':
        return [
          key,
          Array.isArray(field)
            ? field.map((call: JsonValue) => readableCall(call, inside.inCalls))
            : field,
        ];
      case 'input_layers':
      case 'output_layers':
        return [
          key,
          Array.isArray(field) ? readableEnds(field as JsonValue[], inside.atEnds) : field,
        ];
      default:
        return [key, readableField(field, context, inside)];
    }
  });
  return Object.fromEntries(entries);
}

function readableEntry(layer: JsonValue, context: Context, nested: CountedFrom0): JsonValue {
  return isJsonObject(layer)
    ? readable(readableLayer(layer, context.keras, context.where), context, nested)
    : layer;
}

function readableField(field: JsonValue, context: Context, nested: CountedFrom0): JsonValue {
  if (Array.isArray(field))
    return field.map((item: JsonValue) => readableField(item, context, nested));
  return isJsonObject(field) ? readable(field, context, nested) : field;
}

/** None if the calls are already in tfjs's form. */
function modelsCountedFrom0(layers: readonly JsonValue[]): CountedFrom0 {
  const objects = layers.filter(isJsonObject);
  const isKeras3 = objects.some(
    ({ inbound_nodes: calls }) => Array.isArray(calls) && calls.some(isJsonObject),
  );
  if (!isKeras3) return none;
  const models = objects.filter(isModel);
  const names = (of: readonly JsonObject[]): ReadonlySet<string> =>
    new Set(of.map(({ name }) => name as string));
  return {
    inCalls: names(models),
    atEnds: names(models.filter(({ class_name: name }) => name === 'Sequential')),
  };
}

/**
 * Replaces `{ class_name: 'DTypePolicy', config: { name } }` by its name. tfjs always computes in
 * float32, even if the precision was mixed.
 */
function dtypeName(field: JsonValue): JsonValue {
  const name =
    isJsonObject(field) && isJsonObject(field.config) ? (field.config.name ?? field) : field;
  return typeof name === 'string' && /(?:float16|float64)$/.test(name) ? 'float32' : name;
}

/** `{ args: [tensor | tensors], kwargs }` becomes `[[layer, node, tensor, kwargs], ...]`. */
function readableCall(call: JsonValue, nested: ReadonlySet<string>): JsonValue {
  if (!isJsonObject(call) || !Array.isArray(call.args)) return call;
  const kwargs = isJsonObject(call.kwargs)
    ? Object.fromEntries(Object.entries(call.kwargs).filter(([, value]) => value !== null))
    : {};
  return (call.args as JsonValue[]).flat().flatMap((argument): JsonValue[] => {
    if (!isJsonObject(argument) || !isJsonObject(argument.config)) return [];
    const { keras_history: history } = argument.config;
    return Array.isArray(history)
      ? [[...readableHistory(history as JsonValue[], nested), kwargs]]
      : [];
  });
}

/**
 * Inputs or outputs of a model: a list of `[layer, call, tensor]`, or a single one without the
 * list.
 */
function readableEnds(ends: readonly JsonValue[], nested: ReadonlySet<string>): JsonValue {
  const histories = typeof ends[0] === 'string' ? [ends] : ends;
  return histories.map((history) =>
    Array.isArray(history) ? readableHistory(history as JsonValue[], nested) : history,
  );
}

function readableHistory(
  [layer, call, ...rest]: readonly JsonValue[],
  nested: ReadonlySet<string>,
): JsonValue[] {
  const counted = typeof call === 'number' && nested.has(layer as string) ? call + 1 : call;
  return [layer!, counted!, ...rest];
}
