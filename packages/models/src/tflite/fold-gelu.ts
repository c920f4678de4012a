import type { OnnxGraph, OnnxNode } from '../onnx/graph/onnx-graph.ts';

/**
 * The nodes of a graph with each GELU, `x / 2 * (1 + erf(x / sqrt(2)))`, as one node `Gelu`:
 * TensorFlow Lite has no error function of its own. The graph is not changed.
 */
export function foldGelu({ nodes }: OnnxGraph): OnnxNode[] {
  const makers = new Map(nodes.map((node) => [node.outputs[0]!, node]));
  const maker = (name: string | undefined, op: string): OnnxNode | undefined => {
    const node = makers.get(name!);
    return node?.op === op ? node : undefined;
  };
  const folded = new Map<OnnxNode, OnnxNode>();
  const inner = new Set<OnnxNode>();
  for (const node of nodes) {
    if (node.op !== 'Mul') continue;
    const half = maker(node.inputs[0], 'Mul');
    const sum = maker(node.inputs[1], 'Add');
    const erf = maker(sum?.inputs[0], 'Erf');
    const scaled = maker(erf?.inputs[0], 'Mul');
    if (!half || !sum || !erf || !scaled || scaled.inputs[0] !== half.inputs[0]) continue;
    folded.set(node, { ...node, op: 'Gelu', inputs: [half.inputs[0]!] });
    for (const part of [half, sum, erf, scaled]) inner.add(part);
  }
  return nodes.flatMap((node) => (inner.has(node) ? [] : [folded.get(node) ?? node]));
}
