import { DataType } from './graph-backend.ts';
import { type Attribute, type Graph, type GraphNode, type Output, specOf } from './graph-node.ts';
import { hasPlainSteps } from './has-plain-steps.ts';

/** Shapes of a convolution with stride 1. */
interface Convolution {
  /** Its input, [n, h, w, inChannels], without padding. */
  input: readonly number[];
  filter: readonly number[];
  output: readonly number[];
}

/**
 * The number of weights per output position (image x row x column) from which a convolution is
 * faster as a matrix product. oneDNN reorders the weights in every run, which is expensive for many
 * weights and few positions; its filter gradients in bfloat16 are always slow. Measured with
 * benchmarks/step/convolutions.py on 2 cores of a Xeon with AMX, TensorFlow 2.21. Pointwise filter
 * gradients in float32 are slow as well: on 2 cores of an EPYC with AVX-512, products take 0.6 to 0.95
 * of their processor time for all shapes of Xception at 128 pixels.
 */
const thresholds = {
  [DataType.float32]: {
    pointwise: { forward: 400, input: 400, filter: 0 },
    window: { forward: 2000, filter: 1000 },
  },
  [DataType.bfloat16]: {
    pointwise: { forward: 400, input: 400, filter: 0 },
    window: { forward: 2000, filter: 200 },
  },
};

/**
 * Computes convolutions as matrix products if that is faster on a CPU: pointwise ones directly on
 * the activations, larger windows on a matrix of all their positions. Only for stride 1 without
 * built-in padding. The values are the same up to the order of sums.
 *
 * @param except convolutions and gradients that stay as they are
 */
export function convolutionsAsProducts(
  graph: Graph,
  except: (node: GraphNode) => boolean = () => false,
): void {
  for (const node of [...graph.nodes]) {
    if (except(node)) continue;
    if (node.op === 'Conv2D') rewriteForward(graph, node);
    else if (node.op === 'Conv2DBackpropInput') rewriteInputGradient(graph, node);
    else if (node.op === 'Conv2DBackpropFilter') rewriteFilterGradient(graph, node);
  }
}

function rewriteForward(graph: Graph, node: GraphNode): void {
  const [x, filter] = node.inputs as [Output, Output];
  const shapes = {
    input: specOf(x).shape,
    filter: specOf(filter).shape,
    output: node.outputs[0]!.shape,
  };
  const limits = limitsOf(node, shapes);
  if (limits === undefined || weightsPerPlace(shapes) <= limits.forward) return;
  const weights = reshaped(graph, filter, [
    sizeOf(shapes.filter) / channels(shapes.output),
    channels(shapes.output),
  ]);
  replaceByProduct(graph, node, [placesOf(graph, x, shapes), weights], {});
}

function rewriteInputGradient(graph: Graph, node: GraphNode): void {
  const [, filter, dy] = node.inputs as [Output, Output, Output];
  const shapes = {
    input: node.outputs[0]!.shape,
    filter: specOf(filter).shape,
    output: specOf(dy).shape,
  };
  const limits = limitsOf(node, shapes);
  if (limits === undefined || !isPointwise(shapes) || weightsPerPlace(shapes) <= limits.input)
    return;
  const weights = reshaped(graph, filter, [channels(shapes.input), channels(shapes.output)]);
  replaceByProduct(
    graph,
    node,
    [reshaped(graph, dy, [placeCount(shapes), channels(shapes.output)]), weights],
    { transposeB: true },
  );
}

function rewriteFilterGradient(graph: Graph, node: GraphNode): void {
  const [x, , dy] = node.inputs as [Output, Output, Output];
  const shapes = {
    input: specOf(x).shape,
    filter: node.outputs[0]!.shape,
    output: specOf(dy).shape,
  };
  const limits = limitsOf(node, shapes);
  if (limits === undefined || weightsPerPlace(shapes) <= limits.filter) return;
  const gradients = reshaped(graph, dy, [placeCount(shapes), channels(shapes.output)]);
  replaceByProduct(graph, node, [placesOf(graph, x, shapes), gradients], { transposeA: true });
}

function limitsOf(
  node: GraphNode,
  shapes: Convolution,
): { forward: number; input: number; filter: number } | undefined {
  const side = (axis: 1 | 2): boolean =>
    shapes.output[axis] === shapes.input[axis]! - shapes.filter[axis - 1]! + 1;
  // Without padding, the output is smaller than the input by the window size minus 1.
  if (!hasPlainSteps(node) || !side(1) || !side(2)) return undefined;
  const limits = (thresholds as Record<number, (typeof thresholds)[1]>)[node.outputs[0]!.type];
  return limits && (isPointwise(shapes) ? limits.pointwise : { ...limits.window, input: Infinity });
}

function isPointwise({ filter }: Convolution): boolean {
  return filter[0] === 1 && filter[1] === 1;
}

function weightsPerPlace(shapes: Convolution): number {
  return sizeOf(shapes.filter) / placeCount(shapes);
}

function placeCount({ output }: Convolution): number {
  return output[0]! * output[1]! * output[2]!;
}

/** The matrix [positions, window x channels] of the inputs of a convolution at each position. */
function placesOf(graph: Graph, x: Output, shapes: Convolution): Output {
  const { input, filter, output } = shapes;
  const width = sizeOf(filter) / channels(output);
  if (isPointwise(shapes)) return reshaped(graph, x, [placeCount(shapes), width]);
  const { type } = specOf(x);
  const part = [output[0]!, output[1]!, output[2]!, channels(input)];
  const parts: Output[] = [];
  for (let row = 0; row < filter[0]!; row++) {
    for (let column = 0; column < filter[1]!; column++) {
      const attributes = [
        ['T', typeOf(type)],
        ['Index', typeOf(DataType.int32)],
      ] as const;
      const inputs = [x, graph.ints([0, row, column, 0]), graph.ints(part)];
      parts.push({
        node: graph.add(`${x.node.name}/Slice`, 'Slice', {
          inputs,
          attributes,
          outputs: [{ shape: part, type }],
        }),
        index: 0,
      });
    }
  }
  const attributes = [
    ['N', { kind: 'int', value: parts.length }],
    ['T', typeOf(type)],
    ['Tidx', typeOf(DataType.int32)],
  ] as const;
  const axis = graph.constant({ shape: [], type: DataType.int32, values: Int32Array.of(3) });
  const outputs = [{ shape: [...part.slice(0, 3), width], type }];
  const joined = graph.add(`${x.node.name}/ConcatV2`, 'ConcatV2', {
    inputs: [...parts, axis],
    attributes,
    outputs,
  });
  return reshaped(graph, { node: joined, index: 0 }, [placeCount(shapes), width]);
}

function replaceByProduct(
  graph: Graph,
  node: GraphNode,
  inputs: [Output, Output],
  { transposeA = false, transposeB = false },
): void {
  const { shape, type } = node.outputs[0]!;
  const [a, b] = inputs.map((input) => specOf(input).shape) as [number[], number[]];
  const product = graph.add(`${node.name}/MatMul`, 'MatMul', {
    inputs,
    attributes: [
      ['T', typeOf(type)],
      ['transpose_a', { kind: 'bool', value: transposeA }],
      ['transpose_b', { kind: 'bool', value: transposeB }],
    ],
    outputs: [{ shape: [a[transposeA ? 1 : 0]!, b[transposeB ? 0 : 1]!], type }],
  });
  node.op = 'Reshape';
  node.inputs = [{ node: product, index: 0 }, graph.ints(shape)];
  node.attributes.clear();
  node.attributes.set('T', typeOf(type)).set('Tshape', typeOf(DataType.int32));
}

function reshaped(graph: Graph, input: Output, shape: number[]): Output {
  const { type } = specOf(input);
  const attributes = [
    ['T', typeOf(type)],
    ['Tshape', typeOf(DataType.int32)],
  ] as const;
  return {
    node: graph.add(`${input.node.name}/Reshape`, 'Reshape', {
      inputs: [input, graph.ints(shape)],
      attributes,
      outputs: [{ shape, type }],
    }),
    index: 0,
  };
}

function typeOf(value: number): Attribute {
  return { kind: 'type', value };
}

function channels(shape: readonly number[]): number {
  return shape.at(-1)!;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
