import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../rng.ts';
import { withColorJitter, withRandomFlip } from './compose.ts';
import { fixedViews } from './fixed-views.ts';
import { shiftedCrop } from './fixres-authors.ts';
import { fixresFinetune, fixresTest, resizeFlip, sampledBoundingBoxCrop } from './keras-fixres.ts';
import { drawingOf, type Policy } from './policy.ts';

const sizes = { trainSize: 64, size: 97 };
const sides = fc.record({
  width: fc.integer({ min: 1, max: 500 }),
  height: fc.integer({ min: 1, max: 500 }),
});

describe('fixedViews', () => {
  // A flip before an off-centre crop is not the same as one after it.
  const flipFirst: Policy = {
    ...fixresTest(sizes),
    steps: [{ op: 'randomHorizontalFlip', probability: 0.3 }, ...fixresTest(sizes).steps],
  };

  it.each([fixresTest(sizes), fixresFinetune(sizes), resizeFlip(50), flipFirst])(
    'draws the same views as the policy: %j',
    (policy) => {
      const views = fixedViews(policy)!;
      const seen = new Set<number>();
      fc.assert(
        fc.property(sides, fc.nat(), (image, index) => {
          const chosen = views.draw(createRandom(0, 'view', index));
          seen.add(chosen);
          const fixed = drawingOf(views.policies[chosen]!, image, createRandom(1));
          expect(fixed).toEqual(drawingOf(policy, image, createRandom(0, 'view', index)));
        }),
      );
      expect(seen.size).toBe(views.policies.length);
    },
  );

  it('is null if a view depends on more than one flip', () => {
    const jittered = withColorJitter(fixresTest(sizes), { brightness: 0.1 });
    for (const policy of [
      sampledBoundingBoxCrop(64),
      shiftedCrop(64),
      jittered,
      withRandomFlip(fixresFinetune(sizes)),
    ]) {
      expect(fixedViews(policy)).toBeNull();
    }
  });
});
