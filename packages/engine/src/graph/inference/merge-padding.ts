import { constantValue, type Graph, type GraphNode, type Output } from '../graph-node.ts';
import { consumersOf } from './consumers.ts';

/**
 * Makes zero padding before a convolution a part of it, so that no padded copy of the activations is
 * written. Only for padding that nothing else uses, and not for depthwise convolutions: TensorFlow 2.21
 * aborts the process when it optimises a large graph in which these have explicit padding.
 */
export function mergePadding(graph: Graph): void {
  const consumers = consumersOf(graph.nodes);
  for (const node of graph.nodes) {
    if (node.op !== 'Conv2D' || node.attributes.get('padding')?.value !== 'VALID') continue;
    if (node.attributes.get('data_format')?.value !== 'NHWC') continue;
    const pad = node.inputs[0]!.node;
    if (!isZeroPadding(pad) || consumers.get(pad)!.length !== 1) continue;
    const paddings = constantValue(pad.inputs[1]!);
    if (paddings === undefined) continue;
    const [batch, height, width, channels] = pairs(Array.from(paddings.values, Number));
    if ([...batch!, ...channels!].some((side) => side !== 0)) continue;
    node.inputs[0] = pad.inputs[0]!;
    node.attributes
      .set('padding', { kind: 'string', value: 'EXPLICIT' })
      .set('explicit_paddings', { kind: 'ints', value: [0, 0, ...height!, ...width!, 0, 0] });
  }
}

function isZeroPadding({ op, inputs }: GraphNode): boolean {
  if (op === 'Pad') return true;
  return op === 'PadV2' && isZero(inputs[2]!);
}

/** Also after a cast to the type of the activations. */
function isZero(output: Output): boolean {
  const { node } = output;
  if (node.op === 'Cast') return isZero(node.inputs[0]!);
  return constantValue(output)?.values[0] === 0;
}

function pairs(values: readonly number[]): number[][] {
  return values.flatMap((value, i) => (i % 2 === 0 ? [[value, values[i + 1]!]] : []));
}
