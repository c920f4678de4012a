import {
  compareSizes,
  type ImageSize,
  imageSizeOf,
  type Policy,
  resize,
  shortSideCrop,
} from '@fixres/data';
import { evaluationKey, measuredSizes } from '@fixres/runs';

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
  const sizes = measuredSizes(trainSize, [
    ...(own ? [imageSizeOf(own.output)] : []),
    imageSizeOf(estimated.output),
  ]);
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
