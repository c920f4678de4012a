import type { OnnxNode } from '../../onnx/graph/onnx-graph.ts';
import type { Lowering, NodeTranslator } from '../lowering.ts';
import { naturalOrder } from '../lowering.ts';
import { fusedActivations } from '../schema.ts';
import { integers, type TfliteTensor } from '../tflite-graph.ts';

/** The axes of a node that has them as its second input. */
function axesOf({ inputs: [, axes] }: OnnxNode, lowering: Lowering): readonly number[] {
  return lowering.numbers(axes)!;
}

const mean: NodeTranslator = (node, lowering) => {
  const x = lowering.natural(node.inputs[0]!);
  const axes = axesOf(node, lowering);
  const keepDims = node.attributes.keepdims !== 0;
  const shape = x.shape.flatMap((side, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [side]));
  const inputs = [x, integers(`${node.name}/axes`, axes)];
  const output = lowering.target.add('MEAN', inputs, node.name, shape, { keepDims });
  lowering.place(node.outputs[0]!, output, naturalOrder(shape.length));
  return undefined;
};

/** `log(sum(exp(x)))`, from the distances to the largest number, so that nothing overflows. */
const logSumExp: NodeTranslator = (node, lowering) => {
  const { tensor: x, order } = lowering.at(node.inputs[0]!);
  const { target } = lowering;
  const { name } = node;
  const places = axesOf(node, lowering).map((axis) => order.indexOf(axis));
  const shape = x.shape.map((side, i) => (places.includes(i) ? 1 : side));
  const axes = integers(`${name}/places`, places);
  const none = { fusedActivationFunction: fusedActivations.none };
  const reduced = (op: 'REDUCE_MAX' | 'SUM', given: TfliteTensor, to: string): TfliteTensor =>
    target.add(op, [given, axes], `${name}/${to}`, shape, { keepDims: true });
  const most = reduced('REDUCE_MAX', x, 'most');
  const distance = target.add('SUB', [x, most], `${name}/distance`, x.shape, { ...none });
  const sum = reduced('SUM', target.add('EXP', [distance], `${name}/powers`, x.shape), 'sum');
  const logarithm = target.add('LOG', [sum], `${name}/logarithm`, shape);
  const output = target.add('ADD', [logarithm, most], name, shape, { ...none });
  lowering.place(node.outputs[0]!, output, order);
  return undefined;
};

export const reductions: Readonly<Record<string, NodeTranslator>> = {
  ReduceLogSumExp: logSumExp,
  ReduceMean: mean,
};
