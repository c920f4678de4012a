import { describe, expect, it } from 'vitest';
import { readFixtures } from '../../../test/fixtures.ts';
import { SUB_POLICIES, subPolicy } from './auto-augment-policies.ts';
import type { AutoAugmentPolicy } from './augment-step.ts';
import {
  augMixSpace,
  autoAugmentSpace,
  type OperationSpace,
  randAugmentSpace,
  trivialAugmentWideSpace,
} from './operation-space.ts';

interface Fixtures {
  spaces: {
    name: string;
    image: [number, number];
    bins: number;
    operations: [name: string, signed: boolean, strengths: number[] | null][];
  }[];
  subPolicies: Record<AutoAugmentPolicy, [string, number, number | null][][]>;
}
const { spaces, subPolicies } = readFixtures('augment') as Fixtures;

const ours: Record<string, OperationSpace> = {
  randAugment: randAugmentSpace,
  trivialAugmentWide: trivialAugmentWideSpace,
  autoAugment: autoAugmentSpace,
  augMix: augMixSpace(true),
  'augMix without colours': augMixSpace(false),
};
const lower = (name: string): string => `${name[0]!.toLowerCase()}${name.slice(1)}`;

describe("operations, order, strengths and signs are torchvision's", () => {
  it.each(spaces)('$name, image $image', ({ name, image: [width, height], bins, operations }) => {
    const space = ours[name]!;
    expect(space.map(([operation, { signed }]) => [operation, signed])).toEqual(
      operations.map(([operation, signed]) => [lower(operation), signed]),
    );
    for (const [i, [, , strengths]] of operations.entries()) {
      const { at } = space[i]![1];
      expect(at === undefined).toBe(strengths === null);
      strengths?.forEach((strength, bin) => {
        // The last bit of torch's numbers depends on the processor's vector instructions.
        const own = at!(bin, bins, { width, height });
        expect(Math.abs(own - strength)).toBeLessThanOrEqual(2e-7 * Math.abs(strength));
      });
    }
  });

  it.each(Object.entries(subPolicies))('sub-policies of AutoAugment, %s', (policy, theirs) => {
    const own = Array.from({ length: SUB_POLICIES }, (_, i) =>
      subPolicy(policy as AutoAugmentPolicy, i).map(({ name, probability, bin }) => [
        name,
        probability,
        bin,
      ]),
    );
    expect(own).toEqual(
      theirs.map((pair) =>
        pair.map(([name, probability, bin]) => [lower(name), probability, bin ?? 0]),
      ),
    );
  });
});
