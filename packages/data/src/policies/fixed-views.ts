import type { Random } from '../rng.ts';
import { isDeterministic, type Policy } from './policy.ts';

/** The few views that a policy shows of any image, each as a deterministic policy. */
export interface FixedViews {
  /** One policy, or two: not mirrored, then mirrored. */
  policies: Policy[];
  /**
   * Which of them the policy shows when it draws from this stream. Draws the same random numbers as
   * the policy itself.
   */
  draw(random: Random): number;
}

/**
 * Lists the views of a policy whose only random step is a flip, so that results for a view can be
 * computed once and cached.
 *
 * @returns null for a policy with any other random step, or with more than one flip
 */
export function fixedViews(policy: Policy): FixedViews | null {
  if (isDeterministic(policy)) return { policies: [policy], draw: () => 0 };
  const at = policy.steps.findIndex(({ op }) => op === 'randomHorizontalFlip');
  const flip = policy.steps[at];
  if (flip?.op !== 'randomHorizontalFlip') return null;
  const plain: Policy = { ...policy, steps: policy.steps.toSpliced(at, 1) };
  // At the flip's own position: a later crop may not be centred to the pixel.
  const mirrored: Policy = { ...policy, steps: policy.steps.with(at, { op: 'horizontalFlip' }) };
  if (!isDeterministic(plain)) return null;
  return {
    policies: [plain, mirrored],
    draw: (random) => (random.next() < flip.probability ? 1 : 0),
  };
}
