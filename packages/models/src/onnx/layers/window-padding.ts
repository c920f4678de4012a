import type { OnnxAttribute } from '../graph/onnx-graph.ts';

export interface SlidingWindow {
  /** Sides of the input; null where they are not fixed. */
  sides: readonly (number | null)[];
  window: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  padding: 'same' | 'valid';
}

/**
 * The padding of a window as attributes of ONNX. `same` in TensorFlow gives `ceil(side / stride)`
 * positions and puts the odd pixel of padding at the end. For an even stride the amount depends on
 * the side, so a side that is not fixed is left to `SAME_UPPER`, which is the same rule.
 */
export function windowPadding({
  sides,
  window,
  strides,
  dilations,
  padding,
}: SlidingWindow): Record<string, OnnxAttribute> {
  if (padding === 'valid') return {};
  const totals = sides.map((side, i) => {
    const [stride, covered] = [strides[i]!, (window[i]! - 1) * dilations[i]! + 1];
    if (stride === 1 || covered === 1) return covered - 1;
    return side === null
      ? undefined
      : Math.max((Math.ceil(side / stride) - 1) * stride + covered - side, 0);
  });
  if (totals.includes(undefined)) return { auto_pad: 'SAME_UPPER' };
  const before = totals.map((total) => Math.floor(total! / 2));
  return { pads: [...before, ...totals.map((total, i) => total! - before[i]!)] };
}
