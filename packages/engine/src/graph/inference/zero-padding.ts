import { constantValue, type GraphNode, type Output } from '../graph-node.ts';

/** Zeros before and after each row and column. */
export interface Sides {
  height: readonly number[];
  width: readonly number[];
}

/** The zeros that a node pads NHWC images with; undefined if it does anything else. */
export function zeroPadding(node: GraphNode): Sides | undefined {
  if (!isZeroPadding(node)) return undefined;
  const paddings = constantValue(node.inputs[1]!);
  if (paddings?.values.length !== 8) return undefined;
  const [batch, height, width, channels] = pairs(Array.from(paddings.values, Number));
  return [...batch!, ...channels!].every((side) => side === 0)
    ? { height: height!, width: width! }
    : undefined;
}

function isZeroPadding({ op, inputs }: GraphNode): boolean {
  if (op === 'Pad') return true;
  return op === 'PadV2' && isZero(inputs[2]!);
}

/** Also after a cast to the type of the activations. */
function isZero(output: Output): boolean {
  const { node } = output;
  if (node.op === 'Cast') return isZero(node.inputs[0]!);
  return constantValue(output)?.values[0] === 0;
}

function pairs(values: readonly number[]): number[][] {
  return values.flatMap((value, i) => (i % 2 === 0 ? [[value, values[i + 1]!]] : []));
}
