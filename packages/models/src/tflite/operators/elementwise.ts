import type { OnnxNode } from '../../onnx/graph/onnx-graph.ts';
import { permuted } from '../../onnx/layer-call.ts';
import type { Lowering, NodeTranslator } from '../lowering.ts';
import { fusedActivations, type TfliteOperator } from '../schema.ts';
import { floats, type TfliteOp, type TfliteTensor } from '../tflite-graph.ts';

export const noActivation: TfliteOp['options'] = { fusedActivationFunction: fusedActivations.none };

/** Operators of two inputs that can compute an activation of their result. */
export const withActivation: ReadonlySet<TfliteOperator> = new Set<TfliteOperator>([
  'ADD',
  'DIV',
  'MUL',
  'SUB',
]);

/** The inputs of an operator number by number, all in one order: that of the first computed one. */
function aligned(
  names: readonly string[],
  lowering: Lowering,
): { order: readonly number[]; tensors: TfliteTensor[] } {
  const first = names.find((name) => !lowering.at(name).tensor.data) ?? names[0]!;
  const { order } = lowering.at(first);
  const tensors = names.map((name) => {
    const { tensor } = lowering.at(name);
    if (!lowering.isConstant(name)) return lowering.ordered(name, order);
    const missing = Array<number>(order.length - tensor.shape.length).fill(1);
    const dims = [...missing, ...tensor.shape];
    const turned = permuted({ dims, data: tensor.data as Float32Array }, order);
    return floats(name, turned.data, turned.data.length === 1 ? [] : turned.dims);
  });
  return { order, tensors };
}

function broadcast(tensors: readonly TfliteTensor[]): number[] {
  const rank = Math.max(...tensors.map(({ shape }) => shape.length));
  return Array.from({ length: rank }, (_, i) =>
    Math.max(...tensors.map(({ shape }) => shape[i - rank + shape.length] ?? 1)),
  );
}

/** Joins inputs one after the other. */
function chain(
  op: TfliteOperator,
  tensors: readonly TfliteTensor[],
  name: string,
  { target }: Lowering,
): TfliteTensor {
  const options = withActivation.has(op) ? noActivation : {};
  return tensors
    .slice(1)
    .reduce((x, y) => target.add(op, [x, y], name, broadcast([x, y]), { ...options }), tensors[0]!);
}

function merge(op: TfliteOperator): NodeTranslator {
  return (node, lowering) => {
    const { order, tensors } = aligned(node.inputs, lowering);
    lowering.place(node.outputs[0]!, chain(op, tensors, node.name, lowering), order);
    return undefined;
  };
}

const mean: NodeTranslator = (node, lowering) => {
  const { order, tensors } = aligned(node.inputs, lowering);
  const sum = chain('ADD', tensors, `${node.name}/sum`, lowering);
  const share = floats(`${node.name}/share`, [1 / tensors.length], []);
  lowering.place(node.outputs[0]!, chain('MUL', [sum, share], node.name, lowering), order);
  return undefined;
};

function unary(op: TfliteOperator): NodeTranslator {
  return (node, lowering) => {
    lowering.placeUnary(op, node);
    return undefined;
  };
}

/**
 * Operators whose activation LiteRT computes. CONCATENATION has the option too, and a model with it is
 * accepted, but the activation is not computed.
 */
const fusible = new Set<TfliteOperator>([
  ...withActivation,
  'AVERAGE_POOL_2D',
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'FULLY_CONNECTED',
  'MAX_POOL_2D',
]);

/** An activation that the operator before it computes itself, if nothing else reads its result. */
function activation(fused: keyof typeof fusedActivations, op: TfliteOperator): NodeTranslator {
  return (node, lowering) => {
    const [x] = node.inputs as [string];
    const { tensor, order } = lowering.at(x);
    const before = lowering.target.ops.at(-1);
    const isFusible =
      before?.outputs[0] === tensor &&
      fusible.has(before.op) &&
      before.options.fusedActivationFunction === fusedActivations.none &&
      tensor.value === x &&
      lowering.isReadOnce(x);
    if (!isFusible) {
      lowering.placeUnary(op, node);
      return undefined;
    }
    before.options.fusedActivationFunction = fusedActivations[fused];
    tensor.value = node.outputs[0]!;
    lowering.place(node.outputs[0]!, tensor, order);
    return undefined;
  };
}

const relu = activation('relu', 'RELU');
const relu6 = activation('relu6', 'RELU6');
const reluN1To1 = activation('relu-n1-to-1', 'RELU_N1_TO_1');

const clip: NodeTranslator = (node, lowering) => {
  const [low, high] = node.inputs.slice(1).map((name) => lowering.numbers(name)![0]!) as [
    number,
    number,
  ];
  if (low === 0 && high === 6) return relu6(node, lowering);
  if (low === -1 && high === 1) return reluN1To1(node, lowering);
  const { tensor, order } = lowering.at(node.inputs[0]!);
  const bounded = chain(
    'MAXIMUM',
    [tensor, floats(`${node.name}/min`, [low], [])],
    `${node.name}/above`,
    lowering,
  );
  const output = chain(
    'MINIMUM',
    [bounded, floats(`${node.name}/max`, [high], [])],
    node.name,
    lowering,
  );
  lowering.place(node.outputs[0]!, output, order);
  return undefined;
};

/** `clip(alpha x + beta, 0, 1)`, as a sixth of ReLU6. */
const hardSigmoid: NodeTranslator = (node, lowering) => {
  const { tensor, order } = lowering.at(node.inputs[0]!);
  const [alpha, beta] = ['alpha', 'beta'].map(
    (name) => (node.attributes[name] as { float: number }).float,
  ) as [number, number];
  const { target } = lowering;
  const { name } = node;
  const slope = Math.fround(6 * alpha);
  const steep =
    slope === 1
      ? tensor
      : chain('MUL', [tensor, floats(`${name}/slope`, [slope], [])], `${name}/steep`, lowering);
  const ramp = target.add(
    'ADD',
    [steep, floats(`${name}/offset`, [6 * beta], [])],
    `${name}/ramp`,
    tensor.shape,
    {
      fusedActivationFunction: fusedActivations.relu6,
    },
  );
  const sixth = floats(`${name}/sixth`, [1 / 6], []);
  lowering.place(node.outputs[0]!, chain('MUL', [ramp, sixth], name, lowering), order);
  return undefined;
};

const leakyRelu: NodeTranslator = (node, lowering) => {
  lowering.placeUnary('LEAKY_RELU', node, {
    alpha: (node.attributes.alpha as { float: number }).float,
  });
  return undefined;
};

const prelu: NodeTranslator = (node, lowering) => {
  const { order, tensors } = aligned(node.inputs, lowering);
  const [x, slopes] = tensors as [TfliteTensor, TfliteTensor];
  // The operator wants all axes but the batch.
  const alpha = { ...slopes, shape: slopes.shape.slice(1) } as TfliteTensor;
  lowering.place(
    node.outputs[0]!,
    lowering.target.add('PRELU', [x, alpha], node.name, x.shape),
    order,
  );
  return undefined;
};

/** Over the channels or another axis, which the operator wants to be the last one. */
function softmax(op: 'SOFTMAX' | 'LOG_SOFTMAX'): NodeTranslator {
  return (node: OnnxNode, lowering) => {
    const { order: own } = lowering.at(node.inputs[0]!);
    const given = node.attributes.axis as number;
    const axis = given < 0 ? given + own.length : given;
    const order = own.at(-1) === axis ? own : [...own.filter((each) => each !== axis), axis];
    const x = lowering.ordered(node.inputs[0]!, order);
    const options = op === 'SOFTMAX' ? { beta: 1 } : {};
    lowering.place(
      node.outputs[0]!,
      lowering.target.add(op, [x], node.name, x.shape, options),
      order,
    );
    return undefined;
  };
}

export const elementwise: Readonly<Record<string, NodeTranslator>> = {
  Add: merge('ADD'),
  Clip: clip,
  Div: merge('DIV'),
  Exp: unary('EXP'),
  Gelu: (node, lowering) => {
    lowering.placeUnary('GELU', node, { approximate: false });
    return undefined;
  },
  HardSigmoid: hardSigmoid,
  HardSwish: unary('HARD_SWISH'),
  LeakyRelu: leakyRelu,
  LogSoftmax: softmax('LOG_SOFTMAX'),
  Max: merge('MAXIMUM'),
  Mean: mean,
  Min: merge('MINIMUM'),
  Mul: merge('MUL'),
  Neg: unary('NEG'),
  PRelu: prelu,
  Relu: relu,
  Sigmoid: unary('LOGISTIC'),
  Softmax: softmax('SOFTMAX'),
  Sqrt: unary('SQRT'),
  Sub: merge('SUB'),
  Tanh: unary('TANH'),
};
