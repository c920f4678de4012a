import type { CropRounding, PreprocessingContract } from '@fixres/data';

/**
 * Adds nodes to a graph that compute with vectors of heights and widths. Each method takes the name of its node
 * last. Values are int64, except between `exact` and `whole`, where they are float64.
 */
export interface GeometryNodes<Value> {
  integers(values: readonly number[], name: string): Value;
  exact(x: Value, name: string): Value;
  whole(x: Value, name: string): Value;
  add(a: Value, b: Value, name: string): Value;
  subtract(a: Value, b: Value, name: string): Value;
  multiply(a: Value, b: Value, name: string): Value;
  /** int64 is divided towards zero. */
  divide(a: Value, b: Value, name: string): Value;
  negate(x: Value, name: string): Value;
  maximum(a: Value, b: Value, name: string): Value;
  /** The least number of a vector, as a vector. */
  least(x: Value, name: string): Value;
  /** The greatest number of a vector, as a vector. */
  greatest(x: Value, name: string): Value;
  floor(x: Value, name: string): Value;
  roundHalfEven(x: Value, name: string): Value;
  isNegative(x: Value, name: string): Value;
  where(condition: Value, then: Value, otherwise: Value, name: string): Value;
}

/** Height and width of the images of a graph. Each call adds nodes. */
export interface GraphSides<Value> {
  both(): Value;
  height(): Value;
}

/** Height and width after the resize of a contract, as `drawPixels` computes them. */
export function resizedSize<Value>(
  nodes: GeometryNodes<Value>,
  { resize }: PreprocessingContract,
  sides: GraphSides<Value>,
): Value {
  if (resize.rule === 'both-sides') return nodes.integers([resize.height, resize.width], 'size');
  const both = sides.both();
  const least = nodes.integers([1], 'least');
  if (!('side' in resize) || resize.rule === 'long-side') {
    // As resizedToCover and resizedToFit, in double precision.
    const box = 'side' in resize ? [resize.side] : [resize.height, resize.width];
    const exact = nodes.exact(both, 'exact_sides');
    const target = nodes.exact(nodes.integers(box, 'box'), 'exact_box');
    const ratios = nodes.divide(exact, target, 'ratios');
    const ratio =
      resize.rule === 'cover' ? nodes.least(ratios, 'ratio') : nodes.greatest(ratios, 'ratio');
    const rounded = nodes.roundHalfEven(nodes.divide(exact, ratio, 'scaled'), 'rounded');
    return nodes.maximum(nodes.whole(rounded, 'whole'), least, 'size');
  }
  const target = nodes.integers([resize.side], 'side');
  const base = resize.rule === 'height' ? sides.height() : nodes.least(both, 'base');
  const scaled = nodes.multiply(both, target, 'scaled');
  return nodes.maximum(nodes.divide(scaled, base, 'divided'), least, 'size');
}

/** The centred crop of a contract in an image of a size, as `centredWindow` computes it. */
export interface CropNodes<Value> {
  /** Height and width of the crop. */
  wanted: Value;
  /** Its first row and column, if the image has no border; negative outside the image. */
  start: Value;
}

export function cropWindow<Value>(
  nodes: GeometryNodes<Value>,
  crop: NonNullable<PreprocessingContract['crop']>,
  size: Value,
): CropNodes<Value> {
  const wanted = nodes.integers([crop.height, crop.width], 'crop');
  const rest = nodes.subtract(size, wanted, 'rest');
  return { wanted, start: margin(nodes, rest, crop.rounding) };
}

/** Pixels that a crop needs around an image, and where it starts in the image with them. */
export interface BorderNodes<Value> {
  none: Value;
  before: Value;
  after: Value;
  inside: Value;
}

export function cropBorder<Value>(
  nodes: GeometryNodes<Value>,
  { wanted, start }: CropNodes<Value>,
  size: Value,
): BorderNodes<Value> {
  const none = nodes.integers([0, 0], 'none');
  const before = nodes.maximum(nodes.negate(start, 'outside_before'), none, 'before');
  const end = nodes.add(start, wanted, 'end');
  const after = nodes.maximum(nodes.subtract(end, size, 'outside_after'), none, 'after');
  return { none, before, after, inside: nodes.maximum(start, none, 'inside') };
}

/** Where a centred crop starts, given how much longer the sides are. */
function margin<Value>(nodes: GeometryNodes<Value>, rest: Value, rounding: CropRounding): Value {
  const two = nodes.integers([2], 'two');
  const half = nodes.divide(
    nodes.exact(rest, 'exact_rest'),
    nodes.exact(two, 'exact_two'),
    'half_rest',
  );
  if (rounding === 'floor') return nodes.whole(nodes.floor(half, 'margin'), 'start');
  const whole = nodes.whole(nodes.roundHalfEven(half, 'margin'), 'start');
  // Below 0, half of the rest is rounded towards 0.
  return nodes.where(
    nodes.isNegative(rest, 'is_negative'),
    nodes.divide(rest, two, 'towards_zero'),
    whole,
    'window_start',
  );
}
