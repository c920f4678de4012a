import type { OnnxGraph, OnnxNode } from '../onnx/graph/onnx-graph.ts';
import { usesOf } from '../onnx/graph/uses-of.ts';
import { permuted } from '../onnx/layer-call.ts';
import { floats, integers, TfliteGraph, type TfliteTensor } from './tflite-graph.ts';
import type { TfliteOperator } from './schema.ts';

/** The tensor of a value of the ONNX graph. */
export interface Placed {
  tensor: TfliteTensor;
  /** Axis i of the tensor is axis `order[i]` of the value. */
  order: readonly number[];
}

/** Translates one node: places its output. Returns a reason to refuse it, "needs ...", if it cannot. */
export type NodeTranslator = (node: OnnxNode, lowering: Lowering) => string | undefined;

/** Batch, height, width, channels of a value with channels before height and width. */
export const CHANNELS_LAST = [0, 2, 3, 1] as const;

/** The number of images, which a program may change after loading. */
const ANY_BATCH = -1;

/**
 * The translation of a graph so far. Transpositions of the ONNX graph move nothing: a value keeps
 * the order of axes in which it was computed until something needs another one.
 */
export class Lowering {
  readonly target: TfliteGraph = new TfliteGraph();
  readonly #source: OnnxGraph;
  readonly #uses: ReadonlyMap<string, number>;
  readonly #placed = new Map<string, Placed>();
  readonly #ordered = new Map<string, TfliteTensor>();
  /** Whole numbers that are computed from the sides of values, which are fixed here. */
  readonly #known = new Map<string, readonly number[]>();

  constructor(source: OnnxGraph) {
    this.#source = source;
    this.#uses = usesOf(source);
  }

  /** Where a value is; a constant has its own order. */
  at(name: string): Placed {
    const known = this.#placed.get(name);
    if (known !== undefined) return known;
    const { dims, data } = this.#source.constants.get(name)!;
    const tensor = floats(name, data as Float32Array, dims);
    this.place(name, tensor, naturalOrder(dims.length));
    return this.at(name);
  }

  place(name: string, tensor: TfliteTensor, order: readonly number[]): void {
    tensor.value ??= name;
    this.#placed.set(name, { tensor, order });
  }

  /** Sides of a value, in its own order. */
  shapeOf(name: string): number[] {
    const { tensor, order } = this.at(name);
    return order.map((_, axis) => tensor.shape[order.indexOf(axis)]!);
  }

  /** Numbers of a constant, or of sides; undefined for a value that is computed. */
  numbers(name: string | undefined): readonly number[] | undefined {
    if (name === undefined) return undefined;
    const constant = this.#source.constants.get(name);
    return constant ? Array.from(constant.data, Number) : this.#known.get(name);
  }

  /** States the numbers of a value that is computed from sides. */
  know(name: string, numbers: readonly number[]): void {
    this.#known.set(name, numbers);
  }

  isConstant(name: string): boolean {
    return this.#source.constants.has(name);
  }

  isReadOnce(name: string): boolean {
    return this.#uses.get(name) === 1;
  }

  /** The tensor of a value with its axes in the given order. */
  ordered(name: string, order: readonly number[]): TfliteTensor {
    const { tensor, order: own } = this.at(name);
    if (own.join() === order.join()) return tensor;
    const perm = order.map((axis) => own.indexOf(axis));
    const shape = perm.map((axis) => tensor.shape[axis]!);
    if (tensor.type === 'float32' && tensor.data)
      return floats(
        tensor.name,
        permuted({ dims: tensor.shape, data: tensor.data }, perm).data,
        shape,
      );
    const key = `${tensor.name} ${perm.join()}`;
    let turned = this.#ordered.get(key);
    if (turned === undefined) {
      turned = keepsNumbersInPlace(tensor.shape, perm)
        ? this.reshaped(tensor, shape, key)
        : this.target.add('TRANSPOSE', [tensor, integers(`${key}/perm`, perm)], key, shape);
      if (tensor.value !== undefined) turned.value = tensor.value;
      this.#ordered.set(key, turned);
    }
    return turned;
  }

  /** The tensor of a value in its own order. */
  natural(name: string): TfliteTensor {
    return this.ordered(name, naturalOrder(this.at(name).order.length));
  }

  /** Places a value with the numbers of another one, in the other's own order, under new sides. */
  reshape(name: string, from: string, shape: readonly number[]): void {
    this.place(name, this.reshaped(this.natural(from), shape, name), naturalOrder(shape.length));
  }

  /** Places the output of a node that computes each number of its input by itself. */
  placeUnary(
    op: TfliteOperator,
    node: OnnxNode,
    options: Record<string, number | boolean> = {},
  ): void {
    const { tensor, order } = this.at(node.inputs[0]!);
    const output = this.target.add(op, [tensor], node.name, tensor.shape, options);
    this.place(node.outputs[0]!, output, order);
  }

  /** The numbers of a tensor, in their order, under new sides. */
  reshaped(tensor: TfliteTensor, shape: readonly number[], name: string): TfliteTensor {
    if (tensor.type === 'float32' && tensor.data) return floats(name, tensor.data, shape);
    const sides = integers(`${name}/shape`, [ANY_BATCH, ...shape.slice(1)]);
    return this.target.add('RESHAPE', [tensor, sides], name, shape);
  }
}

export function naturalOrder(rank: number): number[] {
  return Array.from({ length: rank }, (_, i) => i);
}

/** Whether a permutation only moves sides of length 1; the batch may be longer. */
function keepsNumbersInPlace(shape: readonly number[], perm: readonly number[]): boolean {
  const moved = perm.filter((axis) => axis === 0 || shape[axis] !== 1);
  return perm[0] === 0 && moved.every((axis, i) => i === 0 || axis > moved[i - 1]!);
}
