import { DataType } from './graph-backend.ts';
import { type Graph, type GraphNode, type Output, type OutputSpec, specOf } from './graph-node.ts';

/** Positions of the inputs and outputs of an op that have its type T. */
interface TypedOp {
  inputs: readonly number[];
  outputs?: readonly number[];
}

/** Ops that matrix units compute: always in bfloat16, with sums in float32. */
const heavy = new Map<string, TypedOp>([
  ['Conv2D', { inputs: [0, 1] }],
  ['Conv2DBackpropInput', { inputs: [1, 2] }],
  ['Conv2DBackpropFilter', { inputs: [0, 2] }],
  ['DepthwiseConv2dNative', { inputs: [0, 1] }],
  ['DepthwiseConv2dNativeBackpropInput', { inputs: [1, 2] }],
  ['DepthwiseConv2dNativeBackpropFilter', { inputs: [0, 2] }],
]);

/**
 * Ops that follow their activations: in bfloat16 if an activation input is. Normalisations keep
 * statistics, scale and offset in float32.
 */
const following = new Map<string, TypedOp>([
  ...[
    'Relu',
    'Relu6',
    'Pad',
    'MaxPool',
    'AvgPool',
    'Reshape',
    'Transpose',
    'Elu',
    'LeakyRelu',
    'Identity',
  ].map((op) => [op, { inputs: [0] }] as const),
  ...['Add', 'AddV2', 'BiasAdd', 'ReluGrad', 'Relu6Grad', 'EluGrad', 'LeakyReluGrad'].map(
    (op) => [op, { inputs: [0, 1] }] as const,
  ),
  ['PadV2', { inputs: [0, 2] }],
  ['MaxPoolGrad', { inputs: [0, 1, 2] }],
  ['AvgPoolGrad', { inputs: [1] }],
  ['FusedBatchNorm', { inputs: [0], outputs: [0] }],
  ['FusedBatchNormV3', { inputs: [0], outputs: [0] }],
  ['FusedBatchNormGradV3', { inputs: [0, 1], outputs: [0] }],
]);

/**
 * Rewrites a graph to compute convolutions in bfloat16 and to keep activations in it between them.
 * Variables, statistics, parameters of normalisations, sums over a batch and everything else stay
 * in float32. Weights that no function writes are cast once per assignment (`hoistWeights`), others
 * in each run.
 *
 * Rewritten ops keep their shapes. Inputs and outputs are cast at the boundaries to float32 nodes.
 * Ops that were recorded in bfloat16 stay as they are.
 */
export function toBfloat16(graph: Graph): void {
  const casts = new Map<GraphNode, Map<number, Output>>();
  /** Casts an output to another type, once per type. */
  const inType = (output: Output, type: number): Output => {
    const { shape, type: from } = specOf(output);
    if (from === type) return output;
    let ofNode = casts.get(output.node);
    if (ofNode === undefined) {
      ofNode = new Map<number, Output>();
      casts.set(output.node, ofNode);
    }
    let cast = ofNode.get(output.index);
    if (cast === undefined) {
      const attributes = [
        ['SrcT', { kind: 'type', value: from }],
        ['DstT', { kind: 'type', value: type }],
      ] as const;
      cast = {
        node: graph.add(`${output.node.name}/cast`, 'Cast', {
          inputs: [output],
          attributes,
          outputs: [{ shape, type }],
        }),
        index: 0,
      };
      ofNode.set(output.index, cast);
    }
    return cast;
  };

  const consumed = new Set(graph.nodes.flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  for (const node of [...graph.nodes]) {
    if (isRecordedInBfloat16(node)) continue;
    // What no node uses is an output of a function, which is float32.
    const follows = consumed.has(node) && takesActivation(node);
    const typed = heavy.get(node.op) ?? (follows ? following.get(node.op) : undefined);
    if (typed !== undefined && specOf(node.inputs[typed.inputs[0]!]!).type !== DataType.int32) {
      node.inputs = node.inputs.map((input, i) =>
        inType(input, typed.inputs.includes(i) ? DataType.bfloat16 : declared(input)),
      );
      node.outputs = node.outputs.map((spec, i) =>
        (typed.outputs?.includes(i) ?? true) ? { ...spec, type: DataType.bfloat16 } : spec,
      );
      node.attributes.set('T', { kind: 'type', value: DataType.bfloat16 });
      if (node.op === 'FusedBatchNorm') {
        // The first version of the op supports only float32; the third has one more output and is
        // otherwise the same.
        node.op = 'FusedBatchNormV3';
        node.attributes.set('U', { kind: 'type', value: DataType.float32 });
      }
    } else if (isBiasGradient(node)) {
      // Sums bfloat16 values in float32 without a cast of the whole activation.
      node.op = 'BiasAddGrad';
      node.inputs = [node.inputs[0]!];
      node.attributes.clear();
      node.attributes
        .set('T', { kind: 'type', value: DataType.bfloat16 })
        .set('data_format', { kind: 'string', value: 'NHWC' });
      node.outputs = node.outputs.map((spec) => ({ ...spec, type: DataType.bfloat16 }));
    } else {
      node.inputs = node.inputs.map((input) => inType(input, declared(input)));
    }
  }
}

function isRecordedInBfloat16({ attributes }: GraphNode): boolean {
  return ['T', 'SrcT'].some((name) => attributes.get(name)?.value === DataType.bfloat16);
}

/** The input type of an op that does not support bfloat16. */
function declared(input: Output): number {
  const { type } = specOf(input);
  return type === DataType.bfloat16 ? DataType.float32 : type;
}

function takesActivation({ op, inputs }: GraphNode): boolean {
  const typed = following.get(op);
  if (typed === undefined) return false;
  const specs = typed.inputs.map((i) => specOf(inputs[i]!));
  const size = ({ shape }: OutputSpec): number =>
    shape.reduce((product, side) => product * side, 1);
  const largest = Math.max(...specs.map(size));
  return specs.some((spec) => spec.type === DataType.bfloat16 && size(spec) === largest);
}

function isBiasGradient({ op, inputs, attributes }: GraphNode): boolean {
  if (
    op !== 'Sum' ||
    specOf(inputs[0]!).type !== DataType.bfloat16 ||
    attributes.get('keep_dims')?.value === true
  )
    return false;
  const rank = specOf(inputs[0]!).shape.length;
  const axes = inputs[1]!.node.attributes.get('value');
  return (
    axes?.kind === 'tensor' &&
    axes.value.values.length === rank - 1 &&
    Array.from(axes.value.values, Number).every((axis) => axis < rank - 1 && axis >= 0)
  );
}
