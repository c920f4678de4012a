import { isJsonObject, type JsonValue } from '../card/json-value.ts';

type JsonObject = Readonly<Record<string, JsonValue>>;

/**
 * A model's topology as tfjs reads it. Keras 3 writes some things in another way, on which `loadLayersModel` of tfjs 4.22 fails:
 * `batch_shape` of inputs, dtype policies as objects, calls of layers as `{ args, kwargs }` with tensors inside, and single inputs
 * and outputs without the list around them. Everything else stays as it is.
 *
 * @param topology `modelTopology` of a model.json, or the configuration that Keras writes into its files
 */
export function readableTopology(topology: JsonObject): JsonObject {
  const { model_config: wrapped } = topology;
  return isJsonObject(wrapped) ? { ...topology, model_config: readable(wrapped) } : readable(topology);
}

function readable(value: JsonObject): JsonObject {
  const entries = Object.entries(value).map(([key, field]): [string, JsonValue] => {
    switch (key) {
      case 'batch_shape':
        return ['batch_input_shape', field];
      case 'dtype':
        return [key, dtypeName(field)];
      case 'inbound_nodes':
        return [key, Array.isArray(field) ? field.map(readableCall) : field];
      case 'input_layers':
      case 'output_layers':
        return [key, Array.isArray(field) && typeof field[0] === 'string' ? [field] : field];
      default:
        return [key, readableField(field)];
    }
  });
  return Object.fromEntries(entries);
}

function readableField(field: JsonValue): JsonValue {
  if (Array.isArray(field)) return field.map(readableField);
  return isJsonObject(field) ? readable(field) : field;
}

/** `{ class_name: 'DTypePolicy', config: { name } }` stands for its name. */
function dtypeName(field: JsonValue): JsonValue {
  if (!isJsonObject(field) || !isJsonObject(field.config)) return field;
  return field.config.name ?? field;
}

/** `{ args: [tensor | tensors], kwargs }` becomes `[[layer, node, tensor, kwargs], ...]`. */
function readableCall(call: JsonValue): JsonValue {
  if (!isJsonObject(call) || !Array.isArray(call.args)) return call;
  const kwargs = isJsonObject(call.kwargs) ? Object.fromEntries(Object.entries(call.kwargs).filter(([, value]) => value !== null)) : {};
  return (call.args as JsonValue[]).flat().flatMap((argument): JsonValue[] => {
    if (!isJsonObject(argument) || !isJsonObject(argument.config)) return [];
    const { keras_history: history } = argument.config;
    return Array.isArray(history) ? [[...(history as JsonValue[]), kwargs]] : [];
  });
}
