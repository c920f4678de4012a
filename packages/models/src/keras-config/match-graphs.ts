import type { JsonValue } from '../card/json-value.ts';
import type { GraphNode } from './graph-node.ts';

/** The first difference between two graphs. */
interface Difference {
  /** Layer of the second graph, and the corresponding one of the first. */
  layer: string;
  expectedLayer: string;
  /** `class` or a setting. */
  setting: string;
  found: JsonValue;
  expected: JsonValue;
}

export interface GraphMatch {
  /** Maps each operation of the first graph to that of the second. */
  pairs: ReadonlyMap<GraphNode, GraphNode>;
  /** The node of the second graph at the position of the first graph's input. */
  entry?: GraphNode;
  /** Undefined: both compute the same from the same weights. */
  difference?: Difference;
}

/** Compares two graphs from their outputs to the input of the first. */
export function matchGraphs(first: GraphNode, second: GraphNode): GraphMatch {
  const pairs = new Map<GraphNode, GraphNode>();
  let entry: GraphNode | undefined;
  const match = (a: GraphNode, b: GraphNode): Difference | undefined => {
    const before = pairs.get(a) ?? (a.op === 'Input' ? entry : undefined);
    if (before !== undefined)
      return before === b
        ? undefined
        : {
            layer: b.layer,
            expectedLayer: a.layer,
            setting: 'inputs',
            found: b.layer,
            expected: before.layer,
          };
    if (a.op === 'Input') {
      entry = b;
      return undefined;
    }
    const difference = (setting: string, found: JsonValue, expected: JsonValue): Difference => ({
      layer: b.layer,
      expectedLayer: a.layer,
      setting,
      found,
      expected,
    });
    if (a.op !== b.op) return difference('class', b.op, a.op);
    for (const key of new Set([...Object.keys(a.settings), ...Object.keys(b.settings)])) {
      const [expected = null, found = null] = [a.settings[key], b.settings[key]];
      if (!same(found, expected)) return difference(key, found, expected);
    }
    if (a.inputs.length !== b.inputs.length)
      return difference('inputs', b.inputs.length, a.inputs.length);
    pairs.set(a, b);
    for (const [i, input] of a.inputs.entries()) {
      const inner = match(input, b.inputs[i]!);
      if (inner) return inner;
    }
    return undefined;
  };
  const difference = match(first, second);
  return { pairs, ...(entry && { entry }), ...(difference && { difference }) };
}

function same(a: JsonValue, b: JsonValue): boolean {
  // One is stored as a float32, the other as a float64.
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-6 * Math.abs(b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: JsonValue, i) => same(item, b[i] as JsonValue));
  return JSON.stringify(a) === JSON.stringify(b);
}
