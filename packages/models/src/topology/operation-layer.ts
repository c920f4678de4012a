import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { arithmetic, operationName } from '../keras-config/arithmetic.ts';
import { callOf, layerCall, type LayerCall } from '../keras-config/layer-call.ts';
import { activationName } from './activation-name.ts';
import type { KerasVersion } from './keras-version.ts';
import { reversesChannels } from './reverses-channels.ts';
import { type LayerPlace, unsupportedLayer } from './unsupported-layer.ts';

type JsonObject = Readonly<Record<string, JsonValue>>;

/** Layers that compute the same from two tensors. */
const MERGES: Readonly<Record<string, string>> = {
  add: 'Add',
  multiply: 'Multiply',
  mul: 'Multiply',
  maximum: 'Maximum',
  minimum: 'Minimum',
};

/** Activations of one tensor: {@link operationName} to the name in layers. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  elu: 'elu',
  hardsigmoid: 'hard_sigmoid',
  hardsilu: 'hard_silu',
  logsigmoid: 'log_sigmoid',
  logsoftmax: 'log_softmax',
  relu: 'relu',
  relu6: 'relu6',
  selu: 'selu',
  sigmoid: 'sigmoid',
  silu: 'silu',
  softmax: 'softmax',
  softplus: 'softplus',
  softsign: 'softsign',
  tanh: 'tanh',
};

const READ =
  'arithmetic of a tensor with numbers, add, multiply, maximum and minimum of two tensors, ' +
  'activations and reversing the channels are supported';

/**
 * The layer that computes the same as an operation, with the same name and with calls that take
 * only tensors.
 *
 * @throws FixresModelsError `unsupported-model`
 */
export function operationLayer(
  entry: JsonObject,
  keras: KerasVersion,
  place: LayerPlace,
): JsonObject {
  const { name, config, inbound_nodes: nodes } = entry;
  const settings = isJsonObject(config) ? config : {};
  const op = typeof settings.function === 'string' ? settings.function : place.className;
  const calls = (Array.isArray(nodes) ? (nodes as JsonValue[]) : []).map(layerCall);
  const [call] = calls;
  const refused = unsupportedLayer(
    { ...place, className: op },
    `is an unsupported operation; ${READ}`,
  );
  // Keras creates a separate operation for each call.
  if (call === undefined || calls.length > 1) throw refused;
  const layer = layerOf(op, settings, call, keras);
  if (layer === undefined) throw refused;
  return {
    class_name: layer.className,
    name: name!,
    config: { name: name!, trainable: false, dtype: 'float32', ...layer.config },
    inbound_nodes: [callOf((nodes as JsonValue[])[0]!, call.tensors)],
  };
}

function layerOf(
  op: string,
  settings: JsonObject,
  call: LayerCall,
  keras: KerasVersion,
): { className: string; config: JsonObject } | undefined {
  const name = operationName(op);
  const { tensors, args, kwargs } = call;
  // Everything except arithmetic must take only tensors, and have default settings.
  const given = [...args, ...Object.values(kwargs)].every((value) => value === 'tensor');
  if (tensors.length === 2)
    return given && Object.hasOwn(MERGES, name)
      ? { className: MERGES[name]!, config: {} }
      : undefined;
  if (tensors.length !== 1) return undefined;
  const scaling = arithmetic(op, call);
  if (scaling !== undefined) return { className: 'Rescaling', config: { ...scaling } };
  if (reversesChannels(op, settings, call))
    return { className: 'KerasReverseChannels', config: {} };
  if (name === 'leakyrelu') {
    const alpha = settings.negative_slope ?? kwargs.alpha ?? args[1] ?? 0.2;
    return typeof alpha === 'number' ? { className: 'LeakyReLU', config: { alpha } } : undefined;
  }
  // Keras 3 stores arguments as settings of the operation: the axis of softmax, the alpha of elu.
  const { axis = -1, alpha = 1, approximate = false } = settings;
  if (!given || axis !== -1 || alpha !== 1 || approximate !== false) return undefined;
  const activation = name === 'gelu' && keras === 3 ? 'gelu' : FUNCTIONS[name];
  if (activation === undefined) return undefined;
  return { className: 'Activation', config: { activation: activationName(activation, keras)! } };
}
