import {
  badValue,
  flag,
  list,
  number,
  oneOf,
  range,
  record,
  type Shape,
  text,
  tuple,
  variants,
  whole,
} from '../json-shape.ts';
import { corruptionNames, corruptionSeverities } from '../corruptions/corruption-names.ts';
import { augmentShapes, colorJitterShape } from './augment/augment-shapes.ts';
import type { Policy } from './policy.ts';

const side = whole(1, 65_535);
const part = number(0, 1);
const attempts = whole(0, 10_000);
const levels = tuple(3, number(0, 255));
const rounding = oneOf('floor', 'half-even');

/** The two fields of every resize. libvips' lanczos3 is always antialiased. */
const resampling = { interpolation: oneOf('bilinear', 'bicubic', 'lanczos3'), antialias: flag };

function resizeShape(required: Record<string, Shape>, optional: Record<string, Shape> = {}): Shape {
  const fields = record({ op: text, ...required, ...resampling }, optional);
  return (value, path) => {
    fields(value, path);
    const { interpolation, antialias } = value as { interpolation: string; antialias: boolean };
    if (interpolation === 'lanczos3' && !antialias)
      throw badValue(`${path}.antialias`, antialias, 'true with "lanczos3"');
  };
}

const step = variants('op', {
  sampledBoundingBoxCrop: record({
    op: text,
    area: range(0, 1),
    aspectRatio: range(1e-3, 1e3),
    maxAttempts: attempts,
  }),
  randomResizedCrop: record({
    op: text,
    scale: range(0, 1),
    ratio: range(1e-3, 1e3),
    maxAttempts: attempts,
  }),
  resize: resizeShape({ width: side, height: side }),
  resizeShortSide: resizeShape({ side }, { byHeight: flag }),
  resizeLongSide: resizeShape({ side }),
  resizeToCover: resizeShape({ width: side, height: side }),
  resizeToFit: resizeShape({ width: side, height: side }),
  centerCrop: record({ op: text, width: side, height: side }, { rounding, pad: levels }),
  positionedCrop: record({
    op: text,
    width: side,
    height: side,
    position: oneOf('top-left', 'top-right', 'bottom-left', 'bottom-right', 'centre'),
  }),
  shiftedCenterCrop: record({ op: text, width: side, height: side }, { pad: levels }),
  randomCrop: record(
    { op: text, width: side, height: side, padding: whole(0, 65_535) },
    { fill: levels, paddingMode: oneOf('constant', 'edge', 'reflect', 'symmetric') },
  ),
  randomHorizontalFlip: record({ op: text, probability: part }),
  horizontalFlip: record({ op: text }),
  colorJitter: colorJitterShape,
  ...augmentShapes,
  corrupt: record({
    op: text,
    corruption: oneOf(...corruptionNames),
    severity: oneOf(...corruptionSeverities),
  }),
});

/** The shape of a stored policy. */
const policyShape: Shape = record(
  {
    version: oneOf(1),
    name: text,
    output: record({ width: side, height: side }),
    steps: list(step),
  },
  { shrinkOnLoad: flag },
);

/**
 * Checks a policy that was read from a file, and returns a copy of it.
 *
 * @param value parsed JSON
 * @throws FixresDataError `bad-option` naming the first invalid field, its value and what is
 * allowed
 */
export function parsePolicy(value: unknown): Policy {
  policyShape(value, 'policy');
  return structuredClone(value) as Policy;
}
