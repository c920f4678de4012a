import type { TfliteGraph, TfliteTensor } from '@fixres/models/tflite';
import { halfOf } from '../quantisation/half-of.ts';

/**
 * Converts the weights of a graph to half precision, each with an operator that runtimes compute
 * once, or replace by half-precision kernels. Single numbers stay as they are: an epsilon may be too
 * small for half precision.
 *
 * @param graph is changed
 * @throws FixresRunnerError `bad-option` if a weight is too large for half precision
 */
export function toHalfWeights(graph: TfliteGraph): void {
  const ops = graph.ops;
  graph.ops = [];
  const single = new Map<TfliteTensor, TfliteTensor>();
  for (const op of ops)
    op.inputs = op.inputs.map((tensor) => {
      if (tensor.type !== 'float32' || tensor.data === undefined || tensor.data.length === 1)
        return tensor;
      const { name, shape, data } = tensor;
      const known = single.get(tensor);
      if (known !== undefined) return known;
      const half: TfliteTensor = {
        name: `${name}/half`,
        type: 'float16',
        shape,
        data: halfOf(name, data),
      };
      const output = graph.add('DEQUANTIZE', [half], name, shape);
      single.set(tensor, output);
      return output;
    });
  graph.ops.push(...ops);
}
