import { DataType } from '../graph-backend.ts';
import { type Graph, type GraphNode, specOf } from '../graph-node.ts';
import { additions } from './additions.ts';
import { consumersOf } from './consumers.ts';

const activations: ReadonlySet<string> = new Set(['Relu', 'Relu6']);

export interface FuseOptions {
  /** Whether TensorFlow computes with oneDNN, the only one to have the op for depthwise convolutions. Default false. */
  oneDnn?: boolean;
}

/**
 * Makes a convolution, its bias and a ReLU after it one op, which writes the activations once instead
 * of three times. Only in float32 on a CPU, where every build of TensorFlow has the op (for depthwise
 * convolutions those with oneDNN), and only if nothing else uses what is between them.
 */
export function fuseBias(graph: Graph, { oneDnn = false }: FuseOptions = {}): void {
  const fusible = oneDnn ? ['Conv2D', 'DepthwiseConv2dNative'] : ['Conv2D'];
  const consumers = consumersOf(graph.nodes);
  for (const addition of graph.nodes) {
    const [sum, bias] = addition.inputs;
    if (!additions.has(addition.op) || sum === undefined || bias === undefined) continue;
    const { node: convolution } = sum;
    const isOwn = fusible.includes(convolution.op) && consumers.get(convolution)!.length === 1;
    const { shape } = specOf(bias);
    const { type } = addition.outputs[0]!;
    // Not the channels of the sum: a longer bias widens a convolution with one channel.
    const isBias = shape.length === 1 && shape[0] === convolution.outputs[0]?.shape.at(-1);
    if (!isOwn || !isBias || type !== DataType.float32) continue;
    if (convolution.attributes.get('data_format')?.value !== 'NHWC') continue;
    const next = onlyUse(addition, consumers);
    const activation = next && activations.has(next.op) ? next : undefined;
    const fusedOps = ['BiasAdd', ...(activation ? [activation.op] : [])];
    fuse(activation ?? addition, fusedOps, convolution, addition);
  }
}

/**
 * The only node that uses a result, if there is one. Looks through a Reshape to the same shape, which
 * tfjs puts after each batch normalisation.
 */
function onlyUse(
  node: GraphNode,
  consumers: ReadonlyMap<GraphNode, readonly GraphNode[]>,
): GraphNode | undefined {
  const [next, ...others] = consumers.get(node)!;
  if (next === undefined || others.length > 0) return undefined;
  const isUnchanged =
    next.op === 'Reshape' &&
    String(next.outputs[0]!.shape) === String(specOf(next.inputs[0]!).shape);
  return isUnchanged ? onlyUse(next, consumers) : next;
}

/** Turns the last of the ops into the fused one. */
function fuse(
  last: GraphNode,
  fusedOps: readonly string[],
  convolution: GraphNode,
  addition: GraphNode,
): void {
  const isDepthwise = convolution.op === 'DepthwiseConv2dNative';
  last.op = isDepthwise ? '_FusedDepthwiseConv2dNative' : '_FusedConv2D';
  last.inputs = [...convolution.inputs, addition.inputs[1]!];
  last.attributes.clear();
  for (const [name, attribute] of convolution.attributes) last.attributes.set(name, attribute);
  last.attributes
    .set('num_args', { kind: 'int', value: 1 })
    .set('fused_ops', { kind: 'strings', value: fusedOps });
  if (!isDepthwise) last.attributes.set('TArgs', { kind: 'types', value: [DataType.float32] });
}
