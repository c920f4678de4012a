import { bicubicSide } from '../../layers/image/bicubic-side.ts';
import type { Resampling } from '../../layers/image/resample.ts';
import { CHANNELS_LAST, type NodeTranslator, naturalOrder } from '../lowering.ts';
import { floats, integers } from '../tflite-graph.ts';

/** The sides of a value, as numbers. */
const shape: NodeTranslator = (node, lowering) => {
  const { start = 0, end } = node.attributes as { start?: number; end?: number };
  lowering.know(node.outputs[0]!, lowering.shapeOf(node.inputs[0]!).slice(start, end));
  return undefined;
};

/** Of height and width, with the grid of TensorFlow 2. */
const resize: NodeTranslator = (node, lowering) => {
  const [x, , factors, sizes] = node.inputs as [string, string, string?, string?];
  const [, , height, width] = lowering.shapeOf(x) as [number, number, number, number];
  const numbers = lowering.numbers(sizes);
  const [down, across] = lowering.numbers(factors)?.slice(2) ?? [];
  const sides = (numbers?.slice(2) ?? [height * down!, width * across!]) as [number, number];
  if (node.attributes.mode === 'cubic') {
    const { data, shape: given } = lowering.natural(x);
    if (!data) return 'resizes a computed map bicubically';
    const [rows, columns] = [bicubicSide(height, sides[0]), bicubicSide(width, sides[1])];
    const values = resampled(data as Float32Array, [height, width], rows, columns);
    const constant = floats(node.name, values, [...given.slice(0, 2), ...sides]);
    lowering.place(node.outputs[0]!, constant, naturalOrder(4));
    return undefined;
  }
  const from = lowering.ordered(x, CHANNELS_LAST);
  const op = node.attributes.mode === 'linear' ? 'RESIZE_BILINEAR' : 'RESIZE_NEAREST_NEIGHBOR';
  const output = lowering.target.add(
    op,
    [from, integers(`${node.name}/sides`, sides)],
    node.name,
    [from.shape[0]!, ...sides, from.shape[3]!],
    { alignCorners: false, halfPixelCenters: true },
  );
  lowering.place(node.outputs[0]!, output, CHANNELS_LAST);
  return undefined;
};

/** Resamples maps that lie one after the other. */
function resampled(
  maps: Float32Array,
  [height, width]: readonly [number, number],
  rows: Resampling,
  columns: Resampling,
): number[] {
  return Array.from({ length: maps.length / (height * width) }, (_, map) =>
    rows.map((row) =>
      columns.map((column) => {
        let sum = 0;
        for (const [i, down] of row)
          for (const [j, across] of column)
            sum += down * across * maps[(map * height + i) * width + j]!;
        return sum;
      }),
    ),
  ).flat(2);
}

export const resizings: Readonly<Record<string, NodeTranslator>> = { Resize: resize, Shape: shape };
