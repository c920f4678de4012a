import { type Graph, type GraphNode, specOf } from '../graph-node.ts';
import { consumersOf } from './consumers.ts';
import { type Sides, zeroPadding } from './zero-padding.ts';

/**
 * Makes zero padding before a convolution a part of it, so that no padded copy of the activations is
 * written. Only for padding that nothing else uses, and for depthwise convolutions only if it is the
 * padding of `SAME`: TensorFlow 2.21 aborts the process when it optimises a large graph in which these
 * have explicit padding.
 */
export function mergePadding(graph: Graph): void {
  const consumers = consumersOf(graph.nodes);
  for (const node of graph.nodes) {
    const isDepthwise = node.op === 'DepthwiseConv2dNative';
    if (node.op !== 'Conv2D' && !isDepthwise) continue;
    if (node.attributes.get('padding')?.value !== 'VALID') continue;
    if (node.attributes.get('data_format')?.value !== 'NHWC') continue;
    const pad = node.inputs[0]!.node;
    const sides = zeroPadding(pad);
    if (sides === undefined || consumers.get(pad)!.length !== 1) continue;
    if (isDepthwise && !isSame(node, specOf(pad.inputs[0]!).shape, sides)) continue;
    node.inputs[0] = pad.inputs[0]!;
    node.attributes.set('padding', { kind: 'string', value: isDepthwise ? 'SAME' : 'EXPLICIT' });
    if (!isDepthwise)
      node.attributes.set('explicit_paddings', {
        kind: 'ints',
        value: [0, 0, ...sides.height, ...sides.width, 0, 0],
      });
  }
}

/**
 * Whether `SAME` pads an input in this way: to ceil(side / stride) outputs, with the odd zero after
 * (TensorFlow's guide to `tf.nn`, "Padding").
 */
function isSame(
  { attributes, inputs }: GraphNode,
  input: readonly number[],
  sides: Sides,
): boolean {
  const window = specOf(inputs[1]!).shape;
  const numbers = (name: string): readonly number[] =>
    (attributes.get(name)?.value as number[] | undefined) ?? [1, 1, 1, 1];
  return [sides.height, sides.width].every(([before, after], axis) => {
    const stride = numbers('strides')[axis + 1]!;
    const reach = (window[axis]! - 1) * numbers('dilations')[axis + 1]! + 1;
    const side = input[axis + 1]!;
    const total = Math.max((Math.ceil(side / stride) - 1) * stride + reach - side, 0);
    return before === Math.floor(total / 2) && after === Math.ceil(total / 2);
  });
}
