import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx-graph.ts';
import { usesOf } from './uses-of.ts';

/**
 * Multiplies each batch normalisation into the weights of the convolution, or of the dense layer,
 * before it: `gamma / sqrt(variance + epsilon)` scales the kernel, and the rest becomes its bias. A
 * normalisation stays if something else also reads the output before it.
 *
 * Computes in double precision. The graph gets new constants; given arrays are not written to.
 */
export function foldBatchNorm(graph: OnnxGraph): void {
  const uses = usesOf(graph);
  const makers = new Map(graph.nodes.map((node) => [node.outputs[0]!, node]));
  const folded = new Set<OnnxNode>();
  for (const norm of graph.nodes) {
    if (norm.op !== 'BatchNormalization') continue;
    const before = makers.get(norm.inputs[0]!);
    const kernel = before && foldableKernel(graph, before);
    if (!kernel || uses.get(norm.inputs[0]!) !== 1) continue;
    foldInto(graph, before, kernel, norm);
    makers.set(before.outputs[0]!, before);
    folded.add(norm);
  }
  graph.nodes = graph.nodes.filter((node) => !folded.has(node));
}

/** Where output channels lie in a kernel. */
interface FoldableKernel {
  kernel: Extract<OnnxTensor, { type: 'float32' }>;
  /** Index of the dimension of the output channels. */
  axis: number;
}

function foldableKernel(graph: OnnxGraph, { op, inputs }: OnnxNode): FoldableKernel | undefined {
  const axis = { Conv: 0, Gemm: 1 }[op];
  const kernel = graph.constants.get(inputs[1]!);
  return axis === undefined || kernel?.type !== 'float32' ? undefined : { kernel, axis };
}

function foldInto(
  graph: OnnxGraph,
  node: OnnxNode,
  { kernel, axis }: FoldableKernel,
  norm: OnnxNode,
): void {
  const [gamma, beta, mean, variance] = norm.inputs
    .slice(1)
    .map((name) => graph.constants.get(name)!.data as Float32Array);
  const { float: epsilon } = norm.attributes.epsilon as { float: number };
  const bias = node.inputs[2] === undefined ? undefined : graph.constants.get(node.inputs[2]);
  const scale = Array.from(gamma!, (value, i) => value / Math.sqrt(variance![i]! + epsilon));
  const inner = kernel.dims.slice(axis + 1).reduce((product, side) => product * side, 1);
  const channels = scale.length;
  node.inputs = [
    node.inputs[0]!,
    graph.floats(
      `${node.name}/folded_kernel`,
      kernel.data.map((value, i) => value * scale[Math.floor(i / inner) % channels]!),
      kernel.dims,
    ),
    graph.floats(
      `${node.name}/folded_bias`,
      scale.map((factor, i) => beta![i]! + (Number(bias?.data[i] ?? 0) - mean![i]!) * factor),
    ),
  ];
  node.outputs = norm.outputs;
}
