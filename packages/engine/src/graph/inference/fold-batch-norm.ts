import { DataType } from '../graph-backend.ts';
import { type Attribute, type Graph, type GraphNode, type Output, specOf } from '../graph-node.ts';
import { additions } from './additions.ts';
import { consumersOf } from './consumers.ts';
import { FixedNodes } from './fixed-nodes.ts';

const convolutions: ReadonlySet<string> = new Set(['Conv2D', 'DepthwiseConv2dNative']);
const normalisations: ReadonlySet<string> = new Set(['FusedBatchNorm', 'FusedBatchNormV3']);

/** A convolution whose result, perhaps plus a bias, goes only into a normalisation. */
interface NormalizedConvolution {
  convolution: GraphNode;
  bias: Output | undefined;
}

export interface FoldOptions {
  /**
   * Whether TensorFlow itself computes a `Conv2D` without bias and the normalisation after it as one op, as
   * it does with oneDNN in float32. Folding these would only store their filters a second time. Default: no.
   */
  isFusedByTensorFlow?: (convolution: GraphNode) => boolean;
}

/**
 * Folds batch normalisation in inference mode into the convolution before it: the filter is
 * multiplied by `gamma / sqrt(variance + epsilon)`, and the normalisation becomes a bias. Both are
 * expressions of the variables, which `hoistWeights` computes once. The result is the same up to
 * rounding.
 *
 * Only for a convolution whose result nothing else uses, and weights that no function of the graph
 * writes. A normalisation after an addition stays, as in pre-activation ResNets.
 */
export function foldBatchNorm(
  graph: Graph,
  { isFusedByTensorFlow = () => false }: FoldOptions = {},
): void {
  const fixed = new FixedNodes(graph.nodes);
  const consumers = consumersOf(graph.nodes);
  for (const norm of [...graph.nodes]) {
    if (!normalisations.has(norm.op) || norm.attributes.get('is_training')?.value !== false)
      continue;
    if (!norm.inputs.slice(1).every((input) => fixed.has(input))) continue;
    if (!consumers.get(norm)!.every(({ inputs }) => takesOnlyResult(inputs, norm))) continue;
    const found = convolutionBefore(norm, fixed, consumers);
    if (found === undefined) continue;
    const { convolution, bias } = found;
    const isFusible = convolution.op === 'Conv2D' && bias === undefined;
    if (!(isFusible && isFusedByTensorFlow(convolution))) fold(graph, norm, found);
  }
}

/** Whether inputs from a normalisation are its first output, and not its statistics. */
function takesOnlyResult(inputs: readonly Output[], norm: GraphNode): boolean {
  return inputs.every(({ node, index }) => node !== norm || index === 0);
}

function convolutionBefore(
  norm: GraphNode,
  fixed: FixedNodes,
  consumers: ReadonlyMap<GraphNode, readonly GraphNode[]>,
): NormalizedConvolution | undefined {
  const isOwn = (node: GraphNode): boolean => consumers.get(node)!.length === 1;
  const isFoldable = (node: GraphNode): boolean =>
    convolutions.has(node.op) &&
    node.attributes.get('data_format')?.value === 'NHWC' &&
    fixed.has(node.inputs[1]!) &&
    isOwn(node);
  const before = norm.inputs[0]!.node;
  if (isFoldable(before)) return { convolution: before, bias: undefined };
  if (!additions.has(before.op) || !isOwn(before)) return undefined;
  const [sum, bias] = before.inputs as [Output, Output];
  // One value per channel; others of the same size are added per row or column ([channels, 1, 1]), or
  // widen the result of one channel.
  const { shape } = specOf(bias);
  const channels = channelsOf(norm);
  const isBias = fixed.has(bias) && shape.at(-1) === channels && sizeOf(shape) === channels;
  return isBias && isFoldable(sum.node) && channelsOf(sum.node) === channels
    ? { convolution: sum.node, bias }
    : undefined;
}

function fold(graph: Graph, norm: GraphNode, { convolution, bias }: NormalizedConvolution): void {
  const [, gamma, beta, mean, variance] = norm.inputs as [Output, Output, Output, Output, Output];
  const shape = [channelsOf(norm)];
  const add = (op: string, inputs: Output[], output = shape): Output => ({
    node: graph.add(`${norm.name}/${op}`, op, {
      inputs,
      attributes: [['T', float]],
      outputs: [{ shape: output, type: DataType.float32 }],
    }),
    index: 0,
  });
  const epsilon = graph.constant({
    shape: [],
    type: DataType.float32,
    values: Float32Array.of(norm.attributes.get('epsilon')!.value as number),
  });
  const scale = add('Mul', [gamma, add('Rsqrt', [add('AddV2', [variance, epsilon])])]);
  // Statistics are subtracted before the scale, so that a large mean does not cost digits.
  const centre = bias === undefined ? mean : add('Sub', [mean, reshaped(graph, bias, shape)]);
  const offset = add('Sub', [beta, add('Mul', [centre, scale])]);
  const filter = convolution.inputs[1]!;
  const { shape: window } = specOf(filter);
  // The output channels of a depthwise filter [h, w, channels, multiplier] are its last two axes.
  const perFilter = convolution.op === 'Conv2D' ? scale : reshaped(graph, scale, window.slice(2));
  convolution.inputs[1] = add('Mul', [filter, perFilter], [...window]);

  norm.op = 'BiasAdd';
  norm.inputs = [{ node: convolution, index: 0 }, offset];
  norm.outputs = [norm.outputs[0]!];
  norm.attributes.clear();
  norm.attributes.set('T', float).set('data_format', { kind: 'string', value: 'NHWC' });
}

const float: Attribute = { kind: 'type', value: DataType.float32 };

function reshaped(graph: Graph, input: Output, shape: number[]): Output {
  const node = graph.add(`${input.node.name}/Reshape`, 'Reshape', {
    inputs: [input, graph.ints(shape)],
    attributes: [
      ['T', float],
      ['Tshape', { kind: 'type', value: DataType.int32 }],
    ],
    outputs: [{ shape, type: DataType.float32 }],
  });
  return { node, index: 0 };
}

function channelsOf({ outputs }: GraphNode): number {
  return outputs[0]!.shape.at(-1)!;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
