import type { OnnxGraph, OnnxNode } from '@fixres/models/onnx';
import { quantiseKernel } from '../quantisation/quantise-kernel.ts';
import { levelsOf, type ValueRange } from '../quantisation/value-range.ts';

/** How many bits of the whole numbers of a kernel are used. */
type KernelBits = 7 | 8;

/** Kernels that are quantised, and the axis of their output channels. */
const kernelAxes: Readonly<Record<string, number>> = { Conv: 0, Gemm: 1, MatMul: 1 };

/** Activations that a runtime computes together with the layer before them. */
const fused = new Set(['Relu', 'Clip']);

/**
 * The values that {@link quantiseGraph} quantises: what convolutions and dense layers read, what
 * convolutions write after their ReLU, and what additions of two computed values write.
 */
export function quantisedValues({ nodes, outputs, constants }: OnnxGraph): string[] {
  const values = new Set<string>();
  const readers = new Map<string, OnnxNode[]>();
  for (const node of nodes)
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  for (const { op, inputs, outputs: written } of nodes) {
    // Attention also multiplies computed values.
    if (op in kernelAxes && constants.has(inputs[1]!)) values.add(inputs[0]!);
    const isSum = op === 'Add' && !inputs.some((name) => constants.has(name));
    if (op === 'Conv' || isSum) {
      const following = readers.get(written[0]!) ?? [];
      const [only] = following;
      values.add(following.length === 1 && fused.has(only!.op) ? only!.outputs[0]! : written[0]!);
    }
  }
  for (const { name } of outputs) values.delete(name);
  return [...values];
}

/**
 * Quantises a graph to 8 bits: each of {@link quantisedValues} to uint8 by its range, and kernels to
 * int8, symmetrically, with a scale per output channel. Written as pairs of QuantizeLinear and
 * DequantizeLinear, which runtimes merge into whole-number kernels.
 *
 * @param graph is changed; batch normalisation should be folded before
 * @param ranges of all quantised values
 * @param kernelBits how many of the 8 bits of a kernel are used
 */
export function quantiseGraph(
  graph: OnnxGraph,
  ranges: ReadonlyMap<string, ValueRange>,
  kernelBits: KernelBits = 7,
): void {
  const nodes = graph.nodes;
  graph.nodes = [];
  const scales = new Map<string, number>();
  const quantised = new Map<string, string>();
  const quantise = (value: string): void => {
    const range = ranges.get(value);
    if (range === undefined) return;
    const { scale, zero } = levelsOf(range);
    scales.set(value, scale);
    const parameters = [
      graph.floats(`${value}/scale`, [scale], []),
      graph.constant(`${value}/zero`, { type: 'uint8', dims: [], data: Uint8Array.of(zero) }),
    ];
    const whole = graph.add('QuantizeLinear', [value, ...parameters], `${value}/quantised`);
    quantised.set(
      value,
      graph.add('DequantizeLinear', [whole, ...parameters], `${value}/dequantised`),
    );
  };
  for (const { name } of graph.inputs) quantise(name);
  for (const node of nodes) {
    const [x] = node.inputs;
    const scale = scales.get(x!);
    node.inputs = node.inputs.map((name) => quantised.get(name) ?? name);
    if (scale !== undefined && node.op in kernelAxes)
      quantiseWeights(graph, node, scale, LARGEST[kernelBits]);
    graph.nodes.push(node);
    for (const output of node.outputs) quantise(output);
  }
}

/**
 * The largest whole number of a kernel. On x64 processors without whole-number dot products (VNNI),
 * two products of uint8 and int8 are added in 16 bits, which numbers above 64 overflow.
 */
const LARGEST: Readonly<Record<KernelBits, number>> = { 7: 64, 8: 127 };

function quantiseWeights(
  graph: OnnxGraph,
  node: OnnxNode,
  inputScale: number,
  largest: number,
): void {
  const [, name, biasName] = node.inputs as [string, string, string | undefined];
  const kernel = graph.constants.get(name);
  if (kernel?.type !== 'float32') return;
  const given = biasName === undefined ? undefined : graph.constants.get(biasName);
  const offsets = given?.type === 'float32' ? given : undefined;
  const axis = kernelAxes[node.op]!;
  const { data, scales, bias } = quantiseKernel({
    data: kernel.data,
    dims: kernel.dims,
    axis,
    bias: offsets?.data,
    inputScale,
    largest,
  });
  const whole = graph.constant(`${name}/quantised`, { type: 'int8', dims: kernel.dims, data });
  const kernelScale = graph.floats(`${name}/scale`, scales);
  node.inputs[1] = graph.add('DequantizeLinear', [whole, kernelScale], `${name}/dequantised`, {
    axis,
  });
  graph.constants.delete(name);
  if (biasName === undefined || offsets === undefined || bias === undefined) return;
  // In the unit of the products, as runtimes add it.
  const units = scales.map((scale) => scale * inputScale);
  node.inputs[2] = graph.add(
    'DequantizeLinear',
    [
      graph.constant(`${biasName}/quantised`, { type: 'int32', dims: offsets.dims, data: bias }),
      graph.floats(`${biasName}/scale`, units),
    ],
    `${biasName}/dequantised`,
    { axis: 0 },
  );
  graph.constants.delete(biasName);
}
