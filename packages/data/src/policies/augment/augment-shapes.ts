import {
  badValue,
  flag,
  number,
  oneOf,
  range,
  record,
  type Shape,
  text,
  tuple,
  whole,
} from '../../json-shape.ts';
import type { AugmentName } from './augment-names.ts';

const part = number(0, 1);
const levels = tuple(3, number(0, 255));
const bins = whole(2, 1000);
const affine = { interpolation: oneOf('nearest', 'bilinear'), fill: levels };

/** The shape of a stored `colorJitter` step. */
export const colorJitterShape: Shape = record(
  { op: text },
  {
    brightness: range(0, 1e3),
    contrast: range(0, 1e3),
    saturation: range(0, 1e3),
    hue: range(-0.5, 0.5),
  },
);

/** The shapes of stored augmentation steps. */
export const augmentShapes: Readonly<Record<AugmentName, Shape>> = {
  randAugment: both(
    record(
      {
        op: text,
        numOps: whole(0, 20),
        magnitude: whole(0, 999),
        numMagnitudeBins: bins,
        ...affine,
      },
      { magnitudeStd: number(0, 1e3), probability: part },
    ),
    (value, path) => {
      const { magnitude, numMagnitudeBins } = value as Record<string, number>;
      if (magnitude! >= numMagnitudeBins!)
        throw badValue(
          `${path}.magnitude`,
          magnitude,
          `less than numMagnitudeBins, which is ${numMagnitudeBins}`,
        );
    },
  ),
  trivialAugmentWide: record({ op: text, numMagnitudeBins: bins, ...affine }),
  autoAugment: record({ op: text, policy: oneOf('imagenet', 'cifar10', 'svhn'), ...affine }),
  augMix: record({
    op: text,
    severity: whole(1, 10),
    mixtureWidth: whole(1, 10),
    chainDepth: either('-1, or a whole number from 1 to 10', oneOf(-1), whole(1, 10)),
    alpha: number(1e-3, 1e3),
    allOps: flag,
    ...affine,
  }),
  threeAugment: record({ op: text, colorJitter: number(0, 1e3) }),
  randomErasing: record({
    op: text,
    probability: part,
    scale: range(0, 1),
    ratio: range(1e-3, 1e3),
    value: either('a level, three levels or "random"', number(0, 255), levels, oneOf('random')),
  }),
  randomGrayscale: record({ op: text, probability: part }),
  gaussianBlur: record({
    op: text,
    kernelSize: both(whole(1, 255), (value, path) => {
      if ((value as number) % 2 === 0) throw badValue(path, value, 'odd');
    }),
    sigma: range(1e-3, 1e3),
  }),
};

/** Both shapes, in this order. */
function both(first: Shape, second: Shape): Shape {
  return (value, path) => {
    first(value, path);
    second(value, path);
  };
}

/** One of the shapes. */
function either(allowed: string, ...shapes: readonly Shape[]): Shape {
  return (value, path) => {
    const fits = shapes.some((shape) => {
      try {
        shape(value, path);
        return true;
      } catch {
        return false;
      }
    });
    if (!fits) throw badValue(path, value, allowed);
  };
}
