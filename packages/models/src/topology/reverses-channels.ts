import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { operationName } from '../keras-config/arithmetic.ts';
import { isOperation } from '../keras-config/is-operation.ts';
import { layerCall, type LayerCall } from '../keras-config/layer-call.ts';
import { reversedChannels } from '../keras-archive/layer-settings.ts';

type JsonObject = Readonly<Record<string, JsonValue>>;
type Call = Pick<LayerCall, 'args' | 'kwargs'>;

/**
 * Whether an operation on a batch of images reverses their channels: `x[..., ::-1]`,
 * `keras.ops.flip(x, -1)` or `tf.reverse(x, [-1])`. `preprocess_input` of `keras.applications` does
 * so for the networks that take blue first.
 *
 * @param op class of the operation in Keras 3, function of TensorFlow in Keras 2
 * @param settings of the operation
 */
export function reversesChannels(op: string, settings: JsonObject, call: Call): boolean {
  switch (operationName(op)) {
    case 'flip':
      return isLastAxis(settings.axis);
    case 'reverse':
      return isLastAxis(call.kwargs.axis ?? call.args[1]);
    case 'getitem': {
      const key = lastOfKey(call);
      return isSlice(key) && isReversal(key);
    }
    default:
      return false;
  }
}

/**
 * Layers of a functional model, in which the channels of a tensor, taken one by one from the last
 * to the first and stacked again, become a reversal. `preprocess_input` of Keras 3 writes that.
 */
export function withStackedChannels(layers: readonly JsonValue[]): readonly JsonValue[] {
  const found = new Map(
    layers.filter(isJsonObject).flatMap((entry) => {
      const from = stackedChannels(entry, layers);
      return from === undefined ? [] : [[entry.name as string, from] as const];
    }),
  );
  if (found.size === 0) return layers;
  const replaced = layers.map((entry): JsonValue => {
    const from = isJsonObject(entry) ? found.get(entry.name as string) : undefined;
    if (from === undefined) return entry;
    const { name } = entry as JsonObject;
    const { module: operations, className, settings } = reversedChannels;
    return {
      module: operations,
      class_name: className,
      config: { name: name!, ...settings },
      name: name!,
      inbound_nodes: [{ args: [from], kwargs: {} }],
    };
  });
  const taken = new Set(replaced.filter(isJsonObject).flatMap(sourcesOf));
  return replaced.filter(
    (entry) =>
      !isJsonObject(entry) || channelOf(entry) === undefined || taken.has(entry.name as string),
  );
}

/** The tensor whose channels an operation stacks from the last to the first of three. */
function stackedChannels(entry: JsonObject, layers: readonly JsonValue[]): JsonValue | undefined {
  if (!isOperation(entry) || operationName(entry.class_name as string) !== 'stack')
    return undefined;
  const { config, inbound_nodes: nodes } = entry;
  if (!isJsonObject(config) || !isLastAxis(config.axis)) return undefined;
  const [raw, ...others] = Array.isArray(nodes) ? (nodes as JsonValue[]) : [];
  if (raw === undefined || others.length > 0) return undefined;
  const channels = layerCall(raw).tensors.map(([name]) =>
    layers.find((each): each is JsonObject => isJsonObject(each) && each.name === name),
  );
  const tensors = channels.map((each, i) =>
    each !== undefined && channelOf(each) === 2 - i ? tensorOf(each) : undefined,
  );
  const [from] = tensors;
  const isOne = tensors.every((each) => historyOf(each) === historyOf(from));
  return tensors.length === 3 && isOne && hasThreeChannels(from) ? from : undefined;
}

/** The index of the channel that `x[..., index]` takes. */
function channelOf(entry: JsonObject): number | undefined {
  if (!isOperation(entry) || operationName(entry.class_name as string) !== 'getitem')
    return undefined;
  const [raw, ...others] = Array.isArray(entry.inbound_nodes)
    ? (entry.inbound_nodes as JsonValue[])
    : [];
  const key = raw === undefined || others.length > 0 ? undefined : lastOfKey(layerCall(raw));
  return typeof key === 'number' ? key : undefined;
}

/** The first argument of the only call. */
function tensorOf({ inbound_nodes: nodes }: JsonObject): JsonValue | undefined {
  const [call] = nodes as JsonValue[];
  return isJsonObject(call) && Array.isArray(call.args) ? (call.args as JsonValue[])[0] : undefined;
}

function historyOf(tensor: JsonValue | undefined): string | undefined {
  return isJsonObject(tensor) && isJsonObject(tensor.config)
    ? JSON.stringify(tensor.config.keras_history)
    : undefined;
}

/** Otherwise the three are only some of them. */
function hasThreeChannels(tensor: JsonValue | undefined): boolean {
  if (!isJsonObject(tensor) || !isJsonObject(tensor.config)) return false;
  const { shape } = tensor.config;
  return Array.isArray(shape) && shape.at(-1) === 3;
}

function sourcesOf({ inbound_nodes: nodes }: JsonObject): string[] {
  const calls = Array.isArray(nodes) ? (nodes as JsonValue[]) : [];
  return calls.flatMap((raw) => layerCall(raw).tensors.map(([name]) => name));
}

/** What an index takes from the last axis if it takes all of the others; undefined otherwise. */
function lastOfKey({ args, kwargs }: Call): JsonValue | undefined {
  const key = args[1] ?? kwargs.slice_spec;
  if (!Array.isArray(key)) return undefined;
  const parts = key as JsonValue[];
  const before = parts.slice(0, -1);
  const isEllipsis = before.length === 1 && hasClass(before[0], '__ellipsis__');
  // Images have four axes.
  const isAll = before.length === 3 && before.every((each) => isSlice(each) && isWhole(each));
  return isEllipsis || isAll ? parts.at(-1) : undefined;
}

function hasClass(value: JsonValue | undefined, className: string): boolean {
  return isJsonObject(value) && value.class_name === className;
}

/** A slice of Keras 3, or of tf_keras, which writes no class. */
function isSlice(value: JsonValue | undefined): value is JsonObject {
  return hasClass(value, '__slice__') || (isJsonObject(value) && 'step' in value);
}

function partsOf(slice: JsonObject): JsonObject {
  return isJsonObject(slice.config) ? slice.config : slice;
}

function isWhole(slice: JsonObject): boolean {
  const { start = null, stop = null, step = null } = partsOf(slice);
  return (start === null || start === 0) && stop === null && (step === null || step === 1);
}

function isReversal(slice: JsonObject): boolean {
  const { start = null, stop = null, step } = partsOf(slice);
  return start === null && stop === null && step === -1;
}

/** Keras writes a number or a list. */
function isLastAxis(axis: JsonValue | undefined): boolean {
  const only = Array.isArray(axis) && axis.length === 1 ? (axis[0] as JsonValue) : axis;
  return only === -1 || only === 3;
}
