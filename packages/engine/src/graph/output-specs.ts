import { DataType } from './graph-backend.ts';
import {
  type Attribute,
  constantValue,
  type Output,
  type OutputSpec,
  specOf,
} from './graph-node.ts';

interface Call {
  inputs: readonly OutputSpec[];
  /** The numbers of an input, or undefined if they are known only when the graph runs. */
  numbers: (input: number) => number[] | undefined;
  attributes: ReadonlyMap<string, Attribute>;
}

type SpecRule = (call: Call) => OutputSpec[] | undefined;

/**
 * Infers the shapes and types of an op's outputs without running it.
 *
 * @returns undefined for unknown ops; run those on zeros of the same shapes instead
 */
export function outputSpecs(
  op: string,
  inputs: readonly Output[],
  attributes: ReadonlyMap<string, Attribute>,
): OutputSpec[] | undefined {
  const numbers = (input: number): number[] | undefined => {
    const value = inputs[input] && constantValue(inputs[input]);
    return value && Array.from(value.values, Number);
  };
  return rules.get(op)?.({ inputs: inputs.map(specOf), numbers, attributes });
}

/** The shape of two broadcast operands. */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x = 1, y = 1] = [a[i - rank + a.length], b[i - rank + b.length]];
    return x === 1 ? y : x;
  });
}

const like =
  (input: number): SpecRule =>
  ({ inputs }) =>
    inputs[input] && [inputs[input]];

const typed =
  (rule: SpecRule, type: number): SpecRule =>
  (call) =>
    rule(call)?.map(({ shape }) => ({ shape, type }));

const elementwise: SpecRule = ({ inputs: [a, b] }) =>
  a && b && [{ shape: broadcast(a.shape, b.shape), type: a.type }];

/** Takes the shape from the numbers of one input, and the type from another. */
const shapedBy =
  (shapeInput: number, typeInput: number): SpecRule =>
  ({ inputs, numbers }) => {
    const shape = numbers(shapeInput);
    return shape && !shape.includes(-1) && inputs[typeInput]
      ? [{ shape, type: inputs[typeInput].type }]
      : undefined;
  };

const reduction: SpecRule = ({ inputs: [x], numbers, attributes }) => {
  const axes = numbers(1)?.map((axis) => (axis < 0 ? axis + x!.shape.length : axis));
  if (axes === undefined) return undefined;
  const keep = attributes.get('keep_dims')?.value === true;
  const shape = x!.shape.flatMap((size, axis) =>
    axes.includes(axis) ? (keep ? [1] : []) : [size],
  );
  return [{ shape, type: x!.type }];
};

const padded: SpecRule = ({ inputs: [x], numbers }) => {
  const padding = numbers(1);
  return (
    padding && [
      {
        shape: x!.shape.map((size, i) => size + padding[2 * i]! + padding[2 * i + 1]!),
        type: x!.type,
      },
    ]
  );
};

const normalized: SpecRule = ({ inputs: [x] }) => {
  const channels = { shape: [x!.shape.at(-1)!], type: DataType.float32 };
  return [x!, channels, channels, channels, channels, channels];
};

const normalizedGradient: SpecRule = ({ inputs: [dy] }) => {
  const channels = { shape: [dy!.shape.at(-1)!], type: DataType.float32 };
  const empty = { shape: [0], type: DataType.float32 };
  return [dy!, channels, channels, empty, empty];
};

/**
 * A window that slides over NHWC images. `extent` returns its height and width, and the number of
 * output channels.
 */
const sliding =
  (
    extent: (call: Call) => { window: readonly [number, number]; channels: number } | undefined,
  ): SpecRule =>
  (call) => {
    const { attributes, inputs } = call;
    const { shape, type } = inputs[0]!;
    const found = extent(call);
    if (found === undefined || attributes.get('data_format')?.value !== 'NHWC') return undefined;
    const strides = attributes.get('strides')!.value as number[];
    const dilations = (attributes.get('dilations')?.value as number[] | undefined) ?? [1, 1, 1, 1];
    const explicit = (attributes.get('explicit_paddings')?.value as number[] | undefined) ?? [];
    const padding = attributes.get('padding')!.value;
    const side = (axis: 1 | 2): number => {
      const size = shape[axis]!;
      if (padding === 'SAME') return Math.ceil(size / strides[axis]!);
      const window = (found.window[axis - 1]! - 1) * dilations[axis]! + 1;
      const added = padding === 'EXPLICIT' ? explicit[2 * axis]! + explicit[2 * axis + 1]! : 0;
      return Math.floor((size + added - window) / strides[axis]!) + 1;
    };
    return [{ shape: [shape[0]!, side(1), side(2), found.channels], type }];
  };

const pool = sliding(({ attributes, inputs }) => {
  const [, height, width] = attributes.get('ksize')!.value as number[];
  return { window: [height!, width!], channels: inputs[0]!.shape[3]! };
});

const filterWindow = (channels: (filter: readonly number[]) => number): SpecRule =>
  sliding(({ inputs }) => {
    const [height, width] = inputs[1]!.shape;
    return { window: [height!, width!], channels: channels(inputs[1]!.shape) };
  });

const matrixProduct: SpecRule = ({ inputs: [a, b], attributes }) => {
  const flip = (name: string, shape: readonly number[]): readonly number[] =>
    attributes.get(name)?.value === true
      ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!]
      : shape;
  const [left, right] = [flip('adj_x', a!.shape), flip('adj_y', b!.shape)];
  return [
    {
      shape: [...broadcast(left.slice(0, -2), right.slice(0, -2)), left.at(-2)!, right.at(-1)!],
      type: a!.type,
    },
  ];
};

const rules = new Map<string, SpecRule>(
  [
    ...[
      'Abs',
      'Ceil',
      'Cos',
      'Elu',
      'Erf',
      'Exp',
      'Expm1',
      'Floor',
      'Identity',
      'LeakyRelu',
      'Log',
      'Log1p',
      'LogicalNot',
      'Neg',
    ],
    ...[
      'OnesLike',
      'Reciprocal',
      'Relu',
      'Relu6',
      'Round',
      'Rsqrt',
      'Selu',
      'Sigmoid',
      'Sign',
      'Sin',
      'Softmax',
      'Softplus',
      'Sqrt',
    ],
    ...['Square', 'Tanh', 'ZerosLike'],
  ].map((op) => [op, like(0)] as const),
);
for (const op of ['ReluGrad', 'Relu6Grad', 'EluGrad', 'SeluGrad', 'LeakyReluGrad', 'MaxPoolGrad'])
  rules.set(op, like(0));
for (const op of ['IsNan', 'IsFinite', 'IsInf']) rules.set(op, typed(like(0), DataType.bool));
for (const op of [
  'Add',
  'AddV2',
  'Sub',
  'Mul',
  'Div',
  'RealDiv',
  'DivNoNan',
  'FloorDiv',
  'FloorMod',
  'Maximum',
  'Minimum',
  'Pow',
  'SquaredDifference',
  'LogicalAnd',
  'LogicalOr',
]) {
  rules.set(op, elementwise);
}
for (const op of ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'])
  rules.set(op, typed(elementwise, DataType.bool));
for (const op of ['Sum', 'Mean', 'Max', 'Min', 'Prod', 'All', 'Any']) rules.set(op, reduction);
for (const op of ['Pad', 'PadV2', 'MirrorPad']) rules.set(op, padded);
rules.set('Cast', ({ inputs: [x], attributes }) => [
  { shape: x!.shape, type: attributes.get('DstT')!.value as number },
]);
rules.set('Select', like(1));
rules.set('CollectiveReduceV2', like(0));
rules.set('Reshape', shapedBy(1, 0));
rules.set('BroadcastTo', shapedBy(1, 0));
rules.set('Fill', shapedBy(0, 1));
rules.set('Slice', ({ inputs: [x], numbers }) => {
  const [begin, size] = [numbers(1), numbers(2)];
  if (begin === undefined || size === undefined) return undefined;
  const shape = x!.shape.map((side, i) => (size[i] === -1 ? side - begin[i]! : size[i]!));
  return [{ shape, type: x!.type }];
});
rules.set('ConcatV2', ({ inputs, numbers }) => {
  const parts = inputs.slice(0, -1);
  const [first] = parts;
  const [axis] = numbers(parts.length) ?? [];
  if (axis === undefined) return undefined;
  const joined = axis < 0 ? axis + first!.shape.length : axis;
  const shape = [...first!.shape];
  shape[joined] = parts.reduce((sum, part) => sum + part.shape[joined]!, 0);
  return [{ shape, type: first!.type }];
});
rules.set('ExpandDims', ({ inputs: [x], numbers }) => {
  const [axis] = numbers(1) ?? [];
  if (axis === undefined) return undefined;
  const shape = [...x!.shape];
  shape.splice(axis < 0 ? axis + shape.length + 1 : axis, 0, 1);
  return [{ shape, type: x!.type }];
});
rules.set('Tile', ({ inputs: [x], numbers }) => {
  const times = numbers(1);
  return times && [{ shape: x!.shape.map((size, i) => size * times[i]!), type: x!.type }];
});
rules.set('Transpose', ({ inputs: [x], numbers }) => {
  const order = numbers(1);
  return order && [{ shape: order.map((axis) => x!.shape[axis]!), type: x!.type }];
});
rules.set(
  'Conv2D',
  filterWindow((filter) => filter[3]!),
);
rules.set(
  'DepthwiseConv2dNative',
  filterWindow((filter) => filter[2]! * filter[3]!),
);
for (const op of ['Conv2DBackpropInput', 'DepthwiseConv2dNativeBackpropInput'])
  rules.set(op, shapedBy(0, 2));
for (const op of ['Conv2DBackpropFilter', 'DepthwiseConv2dNativeBackpropFilter'])
  rules.set(op, shapedBy(1, 0));
rules.set('MaxPool', pool);
rules.set('AvgPool', pool);
rules.set('AvgPoolGrad', shapedBy(0, 1));
rules.set('BatchMatMulV2', matrixProduct);
rules.set('FusedBatchNorm', (call) => normalized(call)?.slice(0, 5));
rules.set('FusedBatchNormV3', normalized);
rules.set('FusedBatchNormGradV3', normalizedGradient);
