import type { OnnxGraph, OnnxNode } from './onnx-graph.ts';
import { usesOf } from './uses-of.ts';

/**
 * Moves zeros around the sides of an image, which Keras adds by a layer of their own, into the
 * convolution after them. Padding stays if something else reads its output, or if the convolution
 * pads by the size of its input.
 */
export function foldPadding(graph: OnnxGraph): void {
  const uses = usesOf(graph);
  const makers = new Map(graph.nodes.map((node) => [node.outputs[0]!, node]));
  const folded = new Set<OnnxNode>();
  for (const conv of graph.nodes) {
    const pad = makers.get(conv.inputs[0]!);
    if (conv.op !== 'Conv' || pad?.op !== 'Pad' || 'auto_pad' in conv.attributes) continue;
    if (uses.get(conv.inputs[0]!) !== 1) continue;
    // Begins of all axes, then ends; batch and channels are not padded.
    const all = Array.from(graph.constants.get(pad.inputs[1]!)!.data, Number);
    const rank = all.length / 2;
    const added = [...all.slice(2, rank), ...all.slice(rank + 2)];
    const own = conv.attributes.pads as readonly number[] | undefined;
    conv.attributes = { ...conv.attributes, pads: added.map((side, i) => side + (own?.[i] ?? 0)) };
    conv.inputs[0] = pad.inputs[0]!;
    folded.add(pad);
  }
  graph.nodes = graph.nodes.filter((node) => !folded.has(node));
}
