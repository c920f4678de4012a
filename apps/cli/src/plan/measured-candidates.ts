import {
  compareSizes,
  distinctSizes,
  type ImageSize,
  mapSides,
  type Policy,
  resize,
  shortSideCrop,
} from '@fixres/data';
import { evaluationKey } from '@fixres/runs';

/** Networks that halve the side of their input five times give whole feature maps at its multiples. */
const STRIDE = 32;
/** Test sizes relative to the train size. FixRes's gains are between 1.15 and 1.75. */
const GROWTH = [1, 1.25, 1.5, 1.75];
const LARGEST = 4096;

/**
 * The test policies to measure for a model: its own, the estimate's, and the whole image and the
 * short-side crop at its own size, its train size, and multiples of 32 up to about 7/4 of that; rectangles grow in both sides.
 *
 * @param own the model's own test policy, if it is known
 * @param estimated the test policy that was recommended without measuring
 */
export function measuredCandidates(
  trainSize: ImageSize,
  own: Policy | undefined,
  estimated: Policy,
): Policy[] {
  const grown = GROWTH.map((factor) =>
    mapSides(trainSize, (side) =>
      Math.min(LARGEST, Math.max(STRIDE, Math.round((side * factor) / STRIDE) * STRIDE)),
    ),
  );
  const fixed = [trainSize, ...(own ? [own.output] : []), estimated.output];
  const sizes = distinctSizes([...fixed, ...grown]);
  const policies = [
    ...(own ? [own] : []),
    estimated,
    ...sizes.flatMap((size) => [resize(size), shortSideCrop(size)]),
  ];
  const distinct = new Map(policies.toReversed().map((policy) => [evaluationKey(policy), policy]));
  return [...distinct.values()].sort(
    (a, b) => compareSizes(a.output, b.output) || (a.name < b.name ? -1 : 1),
  );
}
