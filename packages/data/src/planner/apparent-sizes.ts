import type { Size } from '../geometry/view.ts';
import type { Policy } from '../policies/policy.ts';
import { apparentSizeRatios, type SimulationOptions, simulateTraining } from './apparent-size.ts';
import { drawViews } from './draw-views.ts';
import { type RatioDistribution, ratioDistribution } from './ratio-distribution.ts';

/**
 * How large objects appear under test policies, relative to a train policy: what {@link
 * planResolution} reports about its candidates, for a train policy of any size.
 *
 * @param sizes width and height of every image, upright
 * @returns one distribution of the ratio test / train per test policy; a mean of 1 is matched
 * @throws FixresDataError `bad-option` for no sizes, or a policy that does not fit an image
 */
export function apparentSizes(
  sizes: readonly Size[],
  trainPolicy: Policy,
  testPolicies: readonly Policy[],
  options: SimulationOptions = {},
): RatioDistribution[] {
  const training = simulateTraining(sizes, drawViews(trainPolicy), options);
  return testPolicies.map((policy) =>
    ratioDistribution(apparentSizeRatios(training, drawViews(policy))),
  );
}
