import { isJsonObject, type JsonValue } from '../card/json-value.ts';

/** One call of a layer: its input tensors, and the numbers beside them. */
export interface LayerCall {
  tensors: (readonly [layer: string, call: number, tensor: number])[];
  /** Positional arguments of a function; `tensor` stands for a tensor. */
  args: JsonValue[];
  kwargs: Readonly<Record<string, JsonValue>>;
}

/** Marks a call in which Keras 2 has a number in the place of the first tensor: `1 - x`. */
const CONSTANT = '_CONSTANT_VALUE';

/**
 * A call is `{ args, kwargs }` in Keras 3. In Keras 2 and tfjs it is a list of `[layer, call,
 * tensor, kwargs]`, or a single one without the list.
 */
export function layerCall(raw: JsonValue): LayerCall {
  const tensors: LayerCall['tensors'] = [];
  if (isJsonObject(raw)) {
    const take = (value: JsonValue): JsonValue => {
      if (Array.isArray(value)) return (value as JsonValue[]).map(take);
      if (!isJsonObject(value)) return value;
      if (value.class_name !== '__keras_tensor__' || !isJsonObject(value.config))
        return constantOf(value);
      tensors.push(value.config.keras_history as unknown as LayerCall['tensors'][number]);
      return 'tensor';
    };
    const args = Array.isArray(raw.args) ? (raw.args as JsonValue[]).map(take) : [];
    const kwargs = isJsonObject(raw.kwargs)
      ? Object.fromEntries(
          Object.entries(raw.kwargs).flatMap(([key, value]) =>
            value === null || key === 'mask' ? [] : [[key, take(value)]],
          ),
        )
      : {};
    return { tensors, args, kwargs };
  }
  const list = Array.isArray(raw) ? (raw as JsonValue[]) : [];
  const parts = (typeof list[0] === 'string' ? [list] : list) as JsonValue[][];
  const args: JsonValue[] = [];
  let kwargs: LayerCall['kwargs'] = {};
  const take = (value: JsonValue): JsonValue => {
    if (!isTensor(value)) return value;
    tensors.push(value);
    return 'tensor';
  };
  for (const [layer, call, tensor, more] of parts) {
    args.push(layer === CONSTANT ? tensor! : take([layer, call, tensor] as JsonValue[]));
    if (!isJsonObject(more)) continue;
    const given = Object.entries(more).filter(([key, value]) => value !== null && key !== 'name');
    kwargs = { ...kwargs, ...Object.fromEntries(given.map(([key, value]) => [key, take(value)])) };
  }
  return { tensors, args, kwargs };
}

/**
 * A call on tensors alone, in the form of the program that wrote `raw`: Keras 3 counts calls of
 * nested models differently from Keras 2.
 */
export function callOf(raw: JsonValue, tensors: LayerCall['tensors']): JsonValue {
  if (!isJsonObject(raw)) return tensors.map((tensor): JsonValue => [...tensor, {}]);
  const args = tensors.map((tensor): JsonValue => ({
    class_name: '__keras_tensor__',
    config: { keras_history: [...tensor] },
  }));
  return { args, kwargs: {} };
}

function isTensor(value: JsonValue): value is readonly [string, number, number] & JsonValue[] {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    typeof value[0] === 'string' &&
    Number.isInteger(value[1]) &&
    Number.isInteger(value[2])
  );
}

/** The numbers of an array in a configuration. */
function constantOf(value: Readonly<Record<string, JsonValue>>): JsonValue {
  const { class_name: className, config } = value;
  if ((className === '__numpy__' || className === '__tensor__') && isJsonObject(config))
    return config.value ?? null;
  return value;
}
