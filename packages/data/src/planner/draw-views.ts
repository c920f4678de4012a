import type { Size, View } from '../geometry/view.ts';
import { isDeterministic, type Policy, viewOf } from '../policies/policy.ts';
import type { DrawView } from './apparent-size.ts';

/**
 * Draws views of a policy. A policy that always shows the same view, as most test policies do, is
 * applied once for consecutive calls with the same image: a plan asks for 100,000 views.
 *
 * @returns throws FixresDataError `bad-option` if the policy does not fit an image
 */
export function drawViews(policy: Policy): DrawView {
  if (!isDeterministic(policy)) return (image, random) => viewOf(policy, image, random);
  let last: { image: Size; view: View } | undefined;
  return (image, random) => {
    if (last?.image !== image) last = { image, view: viewOf(policy, image, random) };
    return last.view;
  };
}
