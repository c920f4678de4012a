import type { OnnxGraph } from './graph/onnx-graph.ts';

/** A value of the graph that stands for a tensor of the model. */
export interface GraphValue {
  name: string;
  /** The tensor's shape in the model's own order of axes; null where it is not fixed. */
  shape: readonly (number | null)[];
  /** Whether the last axis of the model's order, the channels, is the second one in the graph. */
  channelsFirst: boolean;
}

/** Numbers of a weight, in the shape that the layer has them. */
export interface WeightArray {
  dims: readonly number[];
  data: Float32Array;
}

/** One call of a layer, to be translated. */
export interface LayerCall {
  graph: LayoutGraph;
  /** Name of the layer with those of its enclosing models. */
  path: string;
  /** The layer's `getConfig()`. */
  config: Readonly<Record<string, unknown>>;
  inputs: readonly GraphValue[];
  /** Shape of the output in the model's order. */
  outputShape: readonly (number | null)[];
  weights: ReadonlyMap<string, WeightArray>;
}

/** Appends nodes for a call of a layer. Returns their result, or a reason to refuse: "has ...". */
export type LayerTranslator = (call: LayerCall) => GraphValue | string;

/** Adds nodes to a graph, and the transpositions between the two orders of axes, each one once. */
export class LayoutGraph {
  readonly graph: OnnxGraph;
  readonly #turned = new Map<string, string>();

  constructor(graph: OnnxGraph) {
    this.graph = graph;
  }

  /** The value in the model's own order of axes. */
  inOrder({ name, shape, channelsFirst }: GraphValue): string {
    return channelsFirst ? this.#turn(name, backPermutation(shape.length)) : name;
  }

  /** The value with the last axis of the model's order as the second one. Below rank 3: unchanged. */
  withChannelsFirst({ name, shape, channelsFirst }: GraphValue): string {
    return channelsFirst || shape.length < 3
      ? name
      : this.#turn(name, channelsPermutation(shape.length));
  }

  /** The value's name in the given order. */
  as(value: GraphValue, channelsFirst: boolean): string {
    return channelsFirst ? this.withChannelsFirst(value) : this.inOrder(value);
  }

  #turn(name: string, perm: number[]): string {
    const key = `${name} ${perm.join()}`;
    let turned = this.#turned.get(key);
    if (turned === undefined) {
      turned = this.graph.add('Transpose', [name], `${name}/transposed`, { perm });
      this.#turned.set(key, turned);
    }
    return turned;
  }
}

/** The model's axes in the graph's order: batch, channels, the others. */
export function channelsPermutation(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}

/** The graph's axes in the model's order. */
function backPermutation(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
}

/** Where an axis of the model's order (negative: from the end) lies in the graph. */
export function graphAxis({ shape, channelsFirst }: GraphValue, axis: number): number {
  const own = axis < 0 ? axis + shape.length : axis;
  if (!channelsFirst || own === 0) return own;
  return own === shape.length - 1 ? 1 : own + 1;
}

/** An axis counted from the front. */
export function axisFromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Copies an array with its axes in another order. */
export function permuted({ dims, data }: WeightArray, order: readonly number[]): WeightArray {
  const strides = dims.map((_, i) =>
    dims.slice(i + 1).reduce((product, side) => product * side, 1),
  );
  const turned = order.map((axis) => dims[axis]!);
  const result = new Float32Array(data.length);
  const place = turned.map(() => 0);
  let source = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = data[source]!;
    for (let axis = place.length - 1; axis >= 0; axis--) {
      const stride = strides[order[axis]!]!;
      place[axis]! += 1;
      source += stride;
      if (place[axis]! < turned[axis]!) break;
      source -= stride * turned[axis]!;
      place[axis] = 0;
    }
  }
  return { dims: turned, data: result };
}
