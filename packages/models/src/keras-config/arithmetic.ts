import type { JsonValue } from '../card/json-value.ts';

/** `x * scale + offset`, as in the layer Rescaling. Each is a number, or one per channel. */
export interface Rescaling {
  scale: number | number[];
  offset: number | number[];
}

/**
 * What an operation does to a tensor if it is arithmetic with numbers; undefined for any other
 * operation.
 *
 * @param op of Keras 3 (`TrueDivide`) or of TensorFlow (`math.truediv`)
 * @param call.args positional arguments, with `tensor` for the tensor
 */
export function arithmetic(
  op: string,
  call: { args?: readonly JsonValue[]; kwargs?: Readonly<Record<string, JsonValue>> },
): Rescaling | undefined {
  const { args = [], kwargs = {} } = call;
  const [left, right] = [
    args[0] ?? kwargs.x1 ?? kwargs.x,
    args[1] ?? kwargs.x2 ?? kwargs.y ?? kwargs.bias,
  ];
  const tensorFirst = left === 'tensor' || left === undefined;
  const name = operationName(op);
  if ((name === 'negative' || name === 'neg') && right === undefined)
    return { scale: -1, offset: 0 };
  const number = numbers(tensorFirst ? right : left);
  if (number === undefined) return undefined;
  switch (name) {
    case 'truediv':
    case 'truedivide':
    case 'divide':
      return tensorFirst ? { scale: combine(1, number, (a, b) => a / b), offset: 0 } : undefined;
    case 'mul':
    case 'multiply':
      return { scale: number, offset: 0 };
    case 'add':
      return { scale: 1, offset: number };
    case 'biasadd':
      // Along the channels, which are last unless it says otherwise.
      return (kwargs.data_format ?? 'NHWC') === 'NHWC' ? { scale: 1, offset: number } : undefined;
    case 'sub':
    case 'subtract':
      return tensorFirst
        ? { scale: 1, offset: combine(0, number, (a, b) => a - b) }
        : { scale: -1, offset: number };
    default:
      return undefined;
  }
}

/**
 * `TrueDivide` and `math.truediv` in a form that does not depend on the version: `truedivide`,
 * `truediv`.
 */
export function operationName(op: string): string {
  return op.split('.').at(-1)!.toLowerCase().replaceAll('_', '');
}

/**
 * A number, or one per channel, nested in any depth of one-element lists; undefined for anything
 * else.
 */
export function numbers(value: JsonValue | undefined): number | number[] | undefined {
  let list: JsonValue | undefined = value;
  while (Array.isArray(list) && list.length === 1) list = list[0] as JsonValue;
  const flat = [list].flat() as unknown[];
  return flat.length > 0 && flat.every((each) => typeof each === 'number' && Number.isFinite(each))
    ? shortened(flat as number[])
    : undefined;
}

export function shortened(values: number[]): number | number[] {
  return values.every((each) => each === values[0]) ? values[0]! : values;
}

/** Combines element by element; a single number applies to every channel. */
export function combine(
  a: number | number[],
  b: number | number[],
  compute: (a: number, b: number) => number,
): number | number[] {
  if (typeof a === 'number' && typeof b === 'number') return compute(a, b);
  const at = (value: number | number[], i: number): number =>
    typeof value === 'number' ? value : value[i]!;
  return shortened(
    ((Array.isArray(a) ? a : b) as number[]).map((_, i) => compute(at(a, i), at(b, i))),
  );
}
