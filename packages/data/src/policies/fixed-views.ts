import type { Random } from '../rng.ts';
import { isDeterministic, type Policy } from './policy.ts';

/** The few views that a policy shows of any image, each as a policy without chance. */
export interface FixedViews {
  /** One policy, or two: not mirrored, then mirrored. */
  policies: Policy[];
  /** Which of them the policy shows when it draws from this stream. Draws what the policy itself would draw. */
  draw(random: Random): number;
}

/**
 * Lists the views of a policy whose only chance is a flip, so that what follows from a view can be computed once and kept.
 *
 * @returns null for a policy with any other chance, or with more than one flip
 */
export function fixedViews(policy: Policy): FixedViews | null {
  if (isDeterministic(policy)) return { policies: [policy], draw: () => 0 };
  const at = policy.steps.findIndex(({ op }) => op === 'randomHorizontalFlip');
  const flip = policy.steps[at];
  if (flip?.op !== 'randomHorizontalFlip') return null;
  const plain: Policy = { ...policy, steps: policy.steps.toSpliced(at, 1) };
  // In the flip's own place: a crop after it may not be centred to the pixel.
  const mirrored: Policy = { ...policy, steps: policy.steps.with(at, { op: 'horizontalFlip' }) };
  if (!isDeterministic(plain)) return null;
  return {
    policies: [plain, mirrored],
    draw: (random) => (random.next() < flip.probability ? 1 : 0),
  };
}
