import type { NodeTranslator } from '../lowering.ts';
import type { TfliteOperator } from '../schema.ts';
import { fusedActivations } from '../schema.ts';
import { integers } from '../tflite-graph.ts';
import { imageOf, windowOf } from './window.ts';

/** Padding is not counted in an average, and is below every number in a maximum, as in TensorFlow. */
function pool(op: 'AVERAGE_POOL_2D' | 'MAX_POOL_2D'): NodeTranslator {
  return (node, lowering) => {
    const image = imageOf(node, lowering);
    if (typeof image === 'string') return image;
    const { x: given, attributes, place } = image;
    const [filterHeight, filterWidth] = attributes.kernel_shape as [number, number];
    const { x, options, sides } = windowOf({ ...node, attributes }, lowering, given);
    const output = lowering.target.add(
      op,
      [x],
      node.name,
      [given.shape[0]!, ...sides, given.shape[3]!],
      {
        ...options,
        filterHeight,
        filterWidth,
        fusedActivationFunction: fusedActivations.none,
      },
    );
    place(output);
    return undefined;
  };
}

/** Over all axes but batch and channels, which stay with length 1. */
function globalPool(op: TfliteOperator): NodeTranslator {
  return (node, lowering) => {
    const { tensor, order } = lowering.at(node.inputs[0]!);
    const axes = order.flatMap((axis, i) => (axis > 1 ? [i] : []));
    const shape = tensor.shape.map((side, i) => (axes.includes(i) ? 1 : side));
    const inputs = [tensor, integers(`${node.name}/axes`, axes)];
    const output = lowering.target.add(op, inputs, node.name, shape, { keepDims: true });
    lowering.place(node.outputs[0]!, output, order);
    return undefined;
  };
}

export const poolings: Readonly<Record<string, NodeTranslator>> = {
  AveragePool: pool('AVERAGE_POOL_2D'),
  GlobalAveragePool: globalPool('MEAN'),
  GlobalMaxPool: globalPool('REDUCE_MAX'),
  MaxPool: pool('MAX_POOL_2D'),
};
