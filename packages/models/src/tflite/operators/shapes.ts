import type { NodeTranslator } from '../lowering.ts';
import { naturalOrder } from '../lowering.ts';
import { fusedActivations } from '../schema.ts';
import { floats, integers, type TfliteTensor } from '../tflite-graph.ts';

const identity: NodeTranslator = (node, lowering) => {
  const { tensor, order } = lowering.at(node.inputs[0]!);
  lowering.place(node.outputs[0]!, tensor, order);
  return undefined;
};

/** Only the order of axes changes; see Lowering. */
const transpose: NodeTranslator = (node, lowering) => {
  const perm = node.attributes.perm as readonly number[];
  const { tensor, order } = lowering.at(node.inputs[0]!);
  lowering.place(
    node.outputs[0]!,
    tensor,
    order.map((axis) => perm.indexOf(axis)),
  );
  return undefined;
};

const flatten: NodeTranslator = (node, lowering) => {
  const [x] = node.inputs as [string];
  const [batch, ...sides] = lowering.shapeOf(x);
  lowering.reshape(node.outputs[0]!, x, [
    batch!,
    sides.reduce((product, side) => product * side, 1),
  ]);
  return undefined;
};

const reshape: NodeTranslator = (node, lowering) => {
  const [x, target] = node.inputs as [string, string];
  const given = lowering.shapeOf(x);
  const count = given.reduce((product, side) => product * side, 1);
  // 0 copies a side, and -1 is the rest.
  const sides = lowering.numbers(target)!.map((side, i) => (side === 0 ? given[i]! : side));
  const known = sides.reduce((product, side) => (side === -1 ? product : product * side), 1);
  lowering.reshape(
    node.outputs[0]!,
    x,
    sides.map((side) => (side === -1 ? count / known : side)),
  );
  return undefined;
};

/** Removes or inserts sides of length 1, or others that leave the numbers where they are. */
function withSides(
  change: (sides: readonly number[], axes: readonly number[]) => number[],
): NodeTranslator {
  return ({ inputs: [x, axes], outputs: [result] }, lowering) => {
    lowering.reshape(result!, x!, change(lowering.shapeOf(x!), lowering.numbers(axes)!));
    return undefined;
  };
}

const tile: NodeTranslator = (node, lowering) => {
  const x = lowering.natural(node.inputs[0]!);
  const times = lowering.numbers(node.inputs[1])!;
  const output = lowering.target.add(
    'TILE',
    [x, integers(`${node.name}/times`, times)],
    node.name,
    x.shape.map((side, i) => side * times[i]!),
  );
  lowering.place(node.outputs[0]!, output, naturalOrder(x.shape.length));
  return undefined;
};

/** Of sides, which are known, or of tensors. */
const concat: NodeTranslator = (node, lowering) => {
  const known = node.inputs.map((name) => lowering.numbers(name));
  if (known.every((numbers) => numbers !== undefined)) {
    lowering.know(node.outputs[0]!, known.flat());
    return undefined;
  }
  return concatTensors(node, lowering);
};

const concatTensors: NodeTranslator = (node, lowering) => {
  const { order } = lowering.at(node.inputs[0]!);
  const inputs = node.inputs.map((name) => lowering.ordered(name, order));
  const axis = order.indexOf(node.attributes.axis as number);
  const total = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const shape = inputs[0]!.shape.map((side, i) => (i === axis ? total : side));
  const constant = joined(inputs, axis);
  const output = constant
    ? floats(node.name, constant, shape)
    : lowering.target.add('CONCATENATION', inputs, node.name, shape, {
        axis,
        fusedActivationFunction: fusedActivations.none,
      });
  lowering.place(node.outputs[0]!, output, order);
  return undefined;
};

/** The numbers of constants one after the other along an axis; undefined if one is computed. */
function joined(tensors: readonly TfliteTensor[], axis: number): number[] | undefined {
  if (!tensors.every(({ data }) => data)) return undefined;
  const blocks = tensors[0]!.shape.slice(0, axis).reduce((product, side) => product * side, 1);
  return Array.from({ length: blocks }, (_, block) =>
    tensors.flatMap(({ data }) => {
      const length = data!.length / blocks;
      return [...data!.subarray(block * length, (block + 1) * length)];
    }),
  ).flat();
}

/** Adds zeros. */
const pad: NodeTranslator = (node, lowering) => {
  const [x, pads] = node.inputs as [string, string];
  const { tensor, order } = lowering.at(x);
  const all = lowering.numbers(pads)!;
  const rank = order.length;
  const amounts = order.map((axis) => [all[axis]!, all[axis + rank]!] as const);
  const output = lowering.target.add(
    'PAD',
    [tensor, integers(`${node.name}/pads`, amounts.flat(), [rank, 2])],
    node.name,
    tensor.shape.map((side, i) => side + amounts[i]![0] + amounts[i]![1]),
  );
  lowering.place(node.outputs[0]!, output, order);
  return undefined;
};

const slice: NodeTranslator = (node, lowering) => {
  const [x, ...lists] = node.inputs as [string, ...string[]];
  const [starts, ends, axes, steps = []] = lists.map((name) => lowering.numbers(name)!);
  const { tensor, order } = lowering.at(x);
  const ranges = order.map((axis, i) => {
    const side = tensor.shape[i]!;
    const at = axes!.indexOf(axis);
    if (at === -1) return { begin: 0, end: 0, step: 1, length: side, isOpen: true };
    const step = steps[at] ?? 1;
    const begin = fromFront(starts![at]!, side);
    const end = fromFront(ends![at]!, side);
    const isOpen = step > 0 ? end >= side : end < 0;
    const last = step > 0 ? Math.min(end, side) : Math.max(end, -1);
    return { begin, end: isOpen ? 0 : end, step, length: Math.ceil((last - begin) / step), isOpen };
  });
  const positions = (['begin', 'end', 'step'] as const).map((key) =>
    integers(
      `${node.name}/${key}`,
      ranges.map((range) => range[key]),
    ),
  );
  const endMask = ranges.reduce((mask, { isOpen }, i) => mask | (isOpen ? 1 << i : 0), 0);
  const shape = ranges.map(({ length }) => length);
  const output = lowering.target.add('STRIDED_SLICE', [tensor, ...positions], node.name, shape, {
    endMask,
  });
  lowering.place(node.outputs[0]!, output, order);
  return undefined;
};

function fromFront(position: number, side: number): number {
  return position < 0 ? position + side : position;
}

/** Over the last axes: mean and variance of them, then a scale and an offset. */
const layerNormalization: NodeTranslator = (node, lowering) => {
  const [given, gamma, beta] = node.inputs as [string, string, string | undefined];
  const x = lowering.natural(given);
  const { target } = lowering;
  const { name } = node;
  const rank = x.shape.length;
  const first = node.attributes.axis as number;
  const axes = integers(`${name}/axes`, naturalOrder(rank).slice(first));
  const shape = x.shape.map((side, i) => (i < first ? side : 1));
  const none = { fusedActivationFunction: fusedActivations.none };
  const centre = target.add('MEAN', [x, axes], `${name}/mean`, shape, { keepDims: true });
  const squares = target.add('SQUARED_DIFFERENCE', [x, centre], `${name}/squares`, x.shape);
  const variance = target.add('MEAN', [squares, axes], `${name}/variance`, shape, {
    keepDims: true,
  });
  const { float: epsilon } = node.attributes.epsilon as { float: number };
  const sum = target.add(
    'ADD',
    [variance, floats(`${name}/epsilon`, [epsilon], [])],
    `${name}/sum`,
    shape,
    { ...none },
  );
  const factor = target.add('RSQRT', [sum], `${name}/factor`, shape);
  const centred = target.add('SUB', [x, centre], `${name}/centred`, x.shape, { ...none });
  const normalised = target.add('MUL', [centred, factor], `${name}/normalised`, x.shape, {
    ...none,
  });
  const scaled = target.add(
    'MUL',
    [normalised, lowering.natural(gamma)],
    `${name}/scaled`,
    x.shape,
    { ...none },
  );
  const output =
    beta === undefined
      ? scaled
      : target.add('ADD', [scaled, lowering.natural(beta)], name, x.shape, { ...none });
  lowering.place(node.outputs[0]!, output, naturalOrder(rank));
  return undefined;
};

export const shapes: Readonly<Record<string, NodeTranslator>> = {
  Concat: concat,
  Flatten: flatten,
  Identity: identity,
  LayerNormalization: layerNormalization,
  Pad: pad,
  Reshape: reshape,
  Slice: slice,
  Squeeze: withSides((sides, axes) => sides.filter((_, i) => !axes.includes(i))),
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: withSides((sides, axes) =>
    axes.reduce((all, axis) => all.toSpliced(axis, 0, 1), [...sides]),
  ),
};
