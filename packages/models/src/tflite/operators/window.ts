import type { OnnxNode } from '../../onnx/graph/onnx-graph.ts';
import { CHANNELS_LAST, type Lowering } from '../lowering.ts';
import { paddings } from '../schema.ts';
import { integers, type TfliteTensor } from '../tflite-graph.ts';

interface Window {
  /** The input, with zeros around it if the operator cannot add them itself. */
  x: TfliteTensor;
  options: Record<string, number>;
  /** Height and width of the output. */
  sides: number[];
}

/** The input of a convolution or pool, as an image. */
interface Image {
  /** With channels last. */
  x: TfliteTensor;
  /** Those of the node, for a window of height and width. */
  attributes: OnnxNode['attributes'];
  /** Places the result of the node. */
  place: (output: TfliteTensor) => void;
}

/** Channels last, for rows. */
const ROWS = [0, 2, 1] as const;

/** Attributes with one number for each side of the window. */
const ofSides = new Set(['kernel_shape', 'strides', 'dilations']);

/**
 * The input of a convolution or pool; rows become images of height 1. A text states why a window
 * cannot be translated.
 */
export function imageOf(
  { name, inputs: [given], outputs: [result], attributes }: OnnxNode,
  lowering: Lowering,
): Image | string {
  const { length: rank } = lowering.at(given!).order;
  if (rank === 4)
    return {
      x: lowering.ordered(given!, CHANNELS_LAST),
      attributes,
      place: (output) => lowering.place(result!, output, CHANNELS_LAST),
    };
  if (rank !== 3) return 'has a window of three dimensions';
  const rows = lowering.ordered(given!, ROWS);
  const [batch, width, channels] = rows.shape as [number, number, number];
  return {
    x: lowering.reshaped(rows, [batch, 1, width, channels], `${name}/image`),
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => {
        if (!Array.isArray(value)) return [key, value];
        if (ofSides.has(key)) return [key, [1, ...(value as number[])]];
        // Padding: first that before each side, then that after it.
        const [before, after] = value as [number, number];
        return [key, [0, before, 0, after]];
      }),
    ),
    place: (output) => {
      const [images, , sides, outputs] = output.shape as [number, number, number, number];
      const turned = lowering.reshaped(output, [images, sides, outputs], `${name}/rows`);
      lowering.place(result!, turned, ROWS);
    },
  };
}

/**
 * The window of a convolution or pool over height and width. TensorFlow Lite only has the padding
 * that TensorFlow calls SAME; other padding is an operator of its own.
 *
 * @param x with channels last
 */
export function windowOf(
  { name, attributes }: OnnxNode,
  { target }: Lowering,
  x: TfliteTensor,
): Window {
  const window = attributes.kernel_shape as readonly number[];
  const strides = attributes.strides as readonly number[];
  const dilations = (attributes.dilations as readonly number[] | undefined) ?? [1, 1];
  const [strideH, strideW] = strides as [number, number];
  const covered = window.map((side, i) => (side - 1) * dilations[i]! + 1);
  const given = x.shape.slice(1, 3);
  const atSame = given.map((side, i) => {
    const total = (Math.ceil(side / strides[i]!) - 1) * strides[i]! + covered[i]! - side;
    const before = Math.floor(Math.max(total, 0) / 2);
    return [before, Math.max(total, 0) - before] as const;
  });
  const same = [...atSame.map(([before]) => before), ...atSame.map(([, after]) => after)];
  const pads = (attributes.pads as readonly number[] | undefined) ?? [0, 0, 0, 0];
  const isSame = attributes.auto_pad === 'SAME_UPPER' || same.join() === pads.join();
  if (isSame)
    return {
      x,
      options: { padding: paddings.same, strideH, strideW },
      sides: given.map((side, i) => Math.ceil(side / strides[i]!)),
    };
  const padded = given.map((side, i) => side + pads[i]! + pads[i + 2]!);
  const [top, left, bottom, right] = pads as [number, number, number, number];
  const isPadded = pads.some((side) => side !== 0);
  const amounts = integers(`${name}/pads`, [0, 0, top, bottom, left, right, 0, 0], [4, 2]);
  return {
    x: isPadded
      ? target.add('PAD', [x, amounts], `${name}/padded`, [x.shape[0]!, ...padded, x.shape[3]!])
      : x,
    options: { padding: paddings.valid, strideH, strideW },
    sides: padded.map((side, i) => Math.floor((side - covered[i]!) / strides[i]!) + 1),
  };
}
