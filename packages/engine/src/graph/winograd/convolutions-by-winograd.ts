import { DataType } from '../graph-backend.ts';
import {
  type Attribute,
  constantValue,
  type Graph,
  type GraphNode,
  type Output,
  specOf,
} from '../graph-node.ts';
import { consumersOf } from '../inference/consumers.ts';
import { tilesOf, type WinogradConvolution, winogradConvolution } from './winograd-convolution.ts';

/** Elements of a transformed tile: 6 x 6. */
const ELEMENTS = 36;

/** Bounds the memory that a large batch takes. Parts from 8 to 128 MB are as fast, with 260 MB of cache. */
const BYTES = 2 ** 26;

type Ints = Readonly<Record<string, number>>;

/**
 * Computes convolutions with 3 x 3 windows and stride 1, and their gradients, by Winograd's method F(4x4, 3x3), which multiplies a
 * quarter as often (Lavin and Gray 2016, section 4.1): transforms of images and filters (`native/winograd.cc`), 36 matrix products
 * between them, and a transform of the result, which adds a bias and applies ReLU. Results differ by rounding, in float32 by about
 * 1e-6 of their standard deviation (RMS), six times as much as those of a direct convolution.
 *
 * Transforms wait for the activations or gradients that they are used with. So filters are not all transformed at the start, and the
 * backward pass transforms images again instead of keeping those of the forward pass: they are 2.25 times as large.
 */
export function convolutionsByWinograd(graph: Graph, options: { oneDnn: boolean }): void {
  const consumers = consumersOf(graph.nodes);
  for (const node of [...graph.nodes]) {
    const convolution = winogradConvolution(node, options);
    if (convolution === undefined) continue;
    if (convolution.kind === 'forward') rewriteForward(graph, node, convolution);
    else if (convolution.kind === 'filterGradient') rewriteFilterGradient(graph, node, convolution);
    else rewriteInputGradient(graph, node, convolution, consumers.get(node)!);
  }
}

function rewriteForward(graph: Graph, node: GraphNode, convolution: WinogradConvolution): void {
  const [, folded, bias] = node.inputs as [Output, Output, Output?];
  const { filter, scale } = bias === undefined ? { filter: folded } : unscaled(folded);
  const fused = node.attributes.get('fused_ops')?.value as readonly string[] | undefined;
  convolve(graph, node, convolution, {
    filter: transformedFilter(graph, node, { filter, rotate: 0, after: convolution.x.node }),
    perChannel: [bias, scale].filter((each) => each !== undefined),
    activation: { Relu: 1, Relu6: 6 }[fused?.[1] ?? ''] ?? 0,
  });
}

interface Factors {
  /** [36, in, out]. */
  filter: Output;
  /** Multiply with [36, out, in]. */
  adjoint?: boolean;
  /** A bias, then a scale. */
  perChannel?: Output[];
  activation?: number;
}

/** Turns a node into the transform of the last part of the batch. The parts follow each other and write into the same output. */
function convolve(
  graph: Graph,
  node: GraphNode,
  convolution: WinogradConvolution,
  { filter, adjoint = false, perChannel = [], activation = 0 }: Factors,
): void {
  const { height, width } = convolution;
  const [count] = node.outputs[0]!.shape as [number];
  let before: Output | undefined;
  const parts = partsOfBatch(convolution.x, convolution, node.outputs[0]!.shape.at(-1)!);
  for (const part of parts) {
    const images = transformedImages(graph, node, convolution, part, before?.node);
    const product = multiply(graph, node, { a: images, b: filter, adjointB: adjoint });
    const inputs = [product, ...perChannel, ...(before ? [before] : [])];
    const ints = {
      given: perChannel.length,
      continues: before ? 1 : 0,
      first: part.first,
      count,
      height,
      width,
      activation,
    };
    if (part === parts.at(-1)) become(node, 'FixresWinogradOutput', inputs, ints);
    else
      before = add(graph, node, {
        op: 'FixresWinogradOutput',
        inputs,
        ints,
        shape: [...node.outputs[0]!.shape],
      });
  }
}

/** Some images of a batch. */
interface Part {
  first: number;
  count: number;
}

/**
 * Parts of a batch whose transformed tiles take at most {@link BYTES}, if an image does.
 */
function partsOfBatch(
  x: Output,
  sides: { height: number; width: number },
  channels: number,
): Part[] {
  const [count, , , own] = specOf(x).shape as [number, number, number, number];
  const bytes = ELEMENTS * tilesOf(sides) * Math.max(own, channels) * 4;
  const parts = Math.ceil(count / Math.max(1, Math.floor(BYTES / bytes)));
  const bounds = Array.from({ length: parts + 1 }, (_, i) => Math.round((i * count) / parts));
  return bounds.slice(1).map((end, i) => ({ first: bounds[i]!, count: end - bounds[i]! }));
}

/**
 * A filter and the scale of a normalisation that is folded into it. The scale is applied to the result, so that no second filter is
 * stored.
 */
function unscaled(filter: Output): { filter: Output; scale?: Output } {
  const { op, inputs } = filter.node;
  const [original, scale] = inputs as [Output, Output];
  const isScaled = op === 'Mul' && specOf(original).shape.length === 4;
  return isScaled && specOf(scale).shape.length === 1 ? { filter: original, scale } : { filter };
}

function rewriteFilterGradient(
  graph: Graph,
  node: GraphNode,
  convolution: WinogradConvolution,
): void {
  const dy = node.inputs[2]!;
  const channels = specOf(dy).shape[3]!;
  let sum: Output | undefined;
  for (const part of partsOfBatch(convolution.x, convolution, channels)) {
    const after = sum?.node ?? dy.node;
    const images = transformedImages(graph, node, convolution, part, after);
    const gradients = add(graph, node, {
      op: 'FixresWinogradGradient',
      inputs: [dy],
      after,
      ints: { ...part },
      shape: [ELEMENTS, part.count * tilesOf(convolution), channels],
    });
    const product = multiply(graph, node, { a: images, b: gradients, adjointA: true });
    sum = sum === undefined ? product : plus(graph, node, sum, product);
  }
  become(node, 'FixresWinogradFilterGradient', [sum!], {});
}

function rewriteInputGradient(
  graph: Graph,
  node: GraphNode,
  convolution: WinogradConvolution,
  consumers: readonly GraphNode[],
): void {
  const [, filter, dy] = node.inputs as [Output, Output, Output];
  const part = onlySlice(consumers);
  const target = part?.node ?? node;
  const { shape } = target.outputs[0]!;
  const [height, width] = [shape[1]!, shape[2]!];
  const top = convolution.top - (part?.top ?? 0);
  const left = convolution.left - (part?.left ?? 0);
  if (top < 0 || left < 0) return;
  convolve(
    graph,
    target,
    { ...convolution, top, left, height, width },
    {
      filter: transformedFilter(graph, node, { filter, rotate: 1, after: dy.node }),
      adjoint: true,
    },
  );
}

/** The rows and columns that are left of a gradient without those of the zero padding. */
function onlySlice(
  consumers: readonly GraphNode[],
): { node: GraphNode; top: number; left: number } | undefined {
  const [node, ...others] = consumers;
  if (node?.op !== 'Slice' || others.length > 0) return undefined;
  const begin = constantValue(node.inputs[1]!);
  if (begin?.values.length !== 4) return undefined;
  const [image, top, left, channel] = Array.from(begin.values, Number) as [
    number,
    number,
    number,
    number,
  ];
  const isWhole = [0, 3].every(
    (axis) => specOf(node.inputs[0]!).shape[axis] === node.outputs[0]!.shape[axis],
  );
  return image === 0 && channel === 0 && isWhole ? { node, top, left } : undefined;
}

function transformedImages(
  graph: Graph,
  node: GraphNode,
  { x, top, left, height, width }: WinogradConvolution,
  part: Part,
  after: GraphNode | undefined,
): Output {
  return add(graph, node, {
    op: 'FixresWinogradInput',
    inputs: [x],
    after,
    ints: { ...part, top, left, height, width },
    shape: [ELEMENTS, part.count * tilesOf({ height, width }), specOf(x).shape[3]!],
  });
}

function transformedFilter(
  graph: Graph,
  node: GraphNode,
  { filter, rotate, after }: { filter: Output; rotate: number; after: GraphNode },
): Output {
  return add(graph, node, {
    op: 'FixresWinogradFilter',
    inputs: [filter],
    after,
    ints: { rotate },
    shape: [ELEMENTS, ...specOf(filter).shape.slice(2)],
  });
}

function multiply(
  graph: Graph,
  node: GraphNode,
  {
    a,
    b,
    adjointA = false,
    adjointB = false,
  }: { a: Output; b: Output; adjointA?: boolean; adjointB?: boolean },
): Output {
  const [rows, columns] = [specOf(a).shape[adjointA ? 2 : 1]!, specOf(b).shape[adjointB ? 1 : 2]!];
  const product = graph.add(`${node.name}/BatchMatMul`, 'BatchMatMulV2', {
    inputs: [a, b],
    attributes: [
      ['T', { kind: 'type', value: DataType.float32 }],
      ['adj_x', { kind: 'bool', value: adjointA }],
      ['adj_y', { kind: 'bool', value: adjointB }],
    ],
    outputs: [{ shape: [ELEMENTS, rows, columns], type: DataType.float32 }],
  });
  return { node: product, index: 0 };
}

function plus(graph: Graph, { name }: GraphNode, a: Output, b: Output): Output {
  const node = graph.add(`${name}/AddV2`, 'AddV2', {
    inputs: [a, b],
    attributes: [['T', { kind: 'type', value: DataType.float32 }]],
    outputs: [specOf(a)],
  });
  return { node, index: 0 };
}

function add(
  graph: Graph,
  { name }: GraphNode,
  {
    op,
    inputs,
    after,
    ints = {},
    shape,
  }: { op: string; inputs: Output[]; after?: GraphNode | undefined; ints?: Ints; shape: number[] },
): Output {
  const node = graph.add(`${name}/${op}`, op, {
    inputs,
    controls: after ? [after] : [],
    attributes: attributesOf(ints),
    outputs: [{ shape, type: DataType.float32 }],
  });
  return { node, index: 0 };
}

function become(node: GraphNode, op: string, inputs: Output[], ints: Ints): void {
  node.op = op;
  node.inputs = inputs;
  node.attributes.clear();
  for (const [name, attribute] of attributesOf(ints)) node.attributes.set(name, attribute);
}

function attributesOf(ints: Ints): [string, Attribute][] {
  return Object.entries(ints).map(([name, value]) => [name, { kind: 'int', value }]);
}
