import type { JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';
import type { SavedArray } from '../weights/keras-weights.ts';
import type { GraphNode } from './graph-node.ts';

/** `x * scale + offset` of levels 0 to 255, as the layer Rescaling computes it: a number, or one for each channel. */
export interface Rescaling {
  scale: number | number[];
  offset: number | number[];
}

/** Keras's `backend.epsilon()`, below which Normalization does not let a standard deviation fall. */
const LEAST_DEVIATION = 1e-7;

/**
 * What a model does with the levels of an image before its network sees them, taken together: layers Rescaling and Normalization, and
 * arithmetic with numbers.
 *
 * @param entry what the network takes
 * @param arraysOf what the file holds for a layer: an adapted Normalization has its statistics there
 * @throws FixresModelsError `unsupported-model` for anything else
 */
export function inputScaling(entry: GraphNode, arraysOf: (node: GraphNode) => readonly SavedArray[]): Rescaling {
  const steps: GraphNode[] = [];
  for (let node = entry; node.op !== 'Input'; node = node.inputs[0]!) {
    if (node.inputs.length !== 1) throw unsupported(node);
    steps.unshift(node);
  }
  let scaling: Rescaling = { scale: 1, offset: 0 };
  for (const node of steps) {
    const { scale, offset } = scalingOf(node, arraysOf);
    scaling = { scale: combine(scaling.scale, scale, (a, b) => a * b), offset: combine(combine(scaling.offset, scale, (a, b) => a * b), offset, (a, b) => a + b) };
  }
  return scaling;
}

function scalingOf(node: GraphNode, arraysOf: (node: GraphNode) => readonly SavedArray[]): Rescaling {
  const { op, settings } = node;
  if (op === 'Rescaling') return { scale: numbers(node, settings.scale), offset: numbers(node, settings.offset) };
  if (op === 'Normalization') return normalization(node, arraysOf(node));
  const name = op.split('.').at(-1)!.toLowerCase().replaceAll('_', '');
  if (name === 'cast') return { scale: 1, offset: 0 };
  const { args, kwargs } = settings as { args?: JsonValue[]; kwargs?: Record<string, JsonValue> };
  const [left, right] = [args?.[0] ?? kwargs?.x1 ?? kwargs?.x, args?.[1] ?? kwargs?.x2 ?? kwargs?.y];
  const tensorFirst = left === 'tensor' || left === undefined;
  const number = numbers(node, tensorFirst ? right : left);
  switch (name) {
    case 'truediv':
    case 'truedivide':
    case 'divide':
      if (tensorFirst) return { scale: combine(1, number, (a, b) => a / b), offset: 0 };
      break;
    case 'mul':
    case 'multiply':
      return { scale: number, offset: 0 };
    case 'add':
      return { scale: 1, offset: number };
    case 'sub':
    case 'subtract':
      return tensorFirst ? { scale: 1, offset: combine(0, number, (a, b) => a - b) } : { scale: -1, offset: number };
  }
  throw unsupported(node);
}

/** `(x - mean) / sqrt(variance)`: given in the configuration, or adapted and in the weights. */
function normalization(node: GraphNode, arrays: readonly SavedArray[]): Rescaling {
  const { axis, mean: givenMean, variance: givenVariance, invert } = node.settings;
  if (axis !== -1 || invert === true) throw unsupported(node);
  const [mean, variance] = givenMean === null && arrays.length >= 2
    ? [shortened([...arrays[0]!.values]), shortened([...arrays[1]!.values])]
    : [numbers(node, givenMean), numbers(node, givenVariance)];
  const scale = combine(1, variance, (_, each) => 1 / Math.max(Math.sqrt(each), LEAST_DEVIATION));
  return { scale, offset: combine(mean, scale, (a, b) => -a * b) };
}

/** A number, or one for each of the three channels, however deep in lists they stand. */
function numbers(node: GraphNode, value: JsonValue | undefined): number | number[] {
  const flat = [value].flat(Infinity as 1) as unknown[];
  if ((flat.length !== 1 && flat.length !== 3) || !flat.every((each) => typeof each === 'number' && Number.isFinite(each))) throw unsupported(node);
  return shortened(flat as number[]);
}

function shortened(values: number[]): number | number[] {
  return values.every((each) => each === values[0]) ? values[0]! : values;
}

function combine(a: number | number[], b: number | number[], compute: (a: number, b: number) => number): number | number[] {
  if (typeof a === 'number' && typeof b === 'number') return compute(a, b);
  const at = (value: number | number[], i: number): number => (typeof value === 'number' ? value : value[i]!);
  return shortened([0, 1, 2].map((i) => compute(at(a, i), at(b, i))));
}

function unsupported({ layer, op }: GraphNode): FixresModelsError {
  const allowed = 'layers Rescaling and Normalization over channels, and arithmetic with numbers';
  return new FixresModelsError('unsupported-model', `Layer "${layer}" (${op}) stands between the image and the network; ${allowed} are read there.`);
}
