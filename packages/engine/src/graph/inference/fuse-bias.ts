import { DataType } from '../graph-backend.ts';
import { type Graph, type GraphNode, type Output, specOf } from '../graph-node.ts';
import { additions } from './additions.ts';
import { consumersOf } from './consumers.ts';

const activations: ReadonlySet<string> = new Set(['Relu', 'Relu6']);

export interface FuseOptions {
  /**
   * Whether TensorFlow computes with oneDNN, the only one to have the op for depthwise convolutions, and
   * for adding another tensor. Default false.
   */
  oneDnn?: boolean;
  /** Convolutions that are computed in another way later, which adds no other tensor. Default: none. */
  byWinograd?: (convolution: GraphNode) => boolean;
}

/**
 * Makes a convolution, its bias, the sum with a residual and a ReLU one op, which writes the
 * activations once. The sum is computed in the memory of the residual, if nothing else needs that. Only
 * in float32 on a CPU, where every build of TensorFlow has the op (for depthwise convolutions and sums
 * those with oneDNN), and only if nothing else uses what is between them.
 */
export function fuseBias(
  graph: Graph,
  { oneDnn = false, byWinograd = () => false }: FuseOptions = {},
): void {
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
    const addsResidual = oneDnn && convolution.op === 'Conv2D' && !byWinograd(convolution);
    const residual = addsResidual ? residualAfter(addition, consumers) : undefined;
    const last = residual?.sum ?? addition;
    const next = onlyUse(last, consumers);
    const activation = next && activations.has(next.op) ? next : undefined;
    fuse(activation ?? last, convolution, {
      args: [bias, ...(residual ? [residual.value] : [])],
      fusedOps: ['BiasAdd', ...(residual ? ['Add'] : []), ...(activation ? [activation.op] : [])],
    });
  }
}

/** The sum with another tensor of the same shape, if that is the only use of a result. */
function residualAfter(
  node: GraphNode,
  consumers: ReadonlyMap<GraphNode, readonly GraphNode[]>,
): { sum: GraphNode; value: Output } | undefined {
  const sum = onlyUse(node, consumers);
  if (sum === undefined || !additions.has(sum.op)) return undefined;
  const value = sum.inputs.find((input) => input.node !== node)!;
  return String(specOf(value).shape) === String(node.outputs[0]!.shape)
    ? { sum, value }
    : undefined;
}

/** The only node that uses a result, if there is one. */
function onlyUse(
  node: GraphNode,
  consumers: ReadonlyMap<GraphNode, readonly GraphNode[]>,
): GraphNode | undefined {
  const [next, ...others] = consumers.get(node)!;
  return others.length === 0 ? next : undefined;
}

/** Turns the last of the ops into the fused one. */
function fuse(
  last: GraphNode,
  convolution: GraphNode,
  { args, fusedOps }: { args: readonly Output[]; fusedOps: readonly string[] },
): void {
  const isDepthwise = convolution.op === 'DepthwiseConv2dNative';
  last.op = isDepthwise ? '_FusedDepthwiseConv2dNative' : '_FusedConv2D';
  last.inputs = [...convolution.inputs, ...args];
  last.attributes.clear();
  for (const [name, attribute] of convolution.attributes) last.attributes.set(name, attribute);
  last.attributes
    .set('num_args', { kind: 'int', value: args.length })
    .set('fused_ops', { kind: 'strings', value: fusedOps });
  if (!isDepthwise)
    last.attributes.set('TArgs', { kind: 'types', value: args.map(() => DataType.float32) });
}
