import type { Size, View } from '../geometry/view.ts';
import { augmentNames, isAugmentName } from '../policies/augment/augment-names.ts';
import { isDeterministic, type Policy, viewOf } from '../policies/policy.ts';
import type { PolicyStep } from '../policies/policy-step.ts';
import type { DrawView } from './apparent-size.ts';

/** Random steps after which every object is as large as before. */
const SAME_SIZE: ReadonlySet<PolicyStep['op']> = new Set([
  'randomHorizontalFlip',
  'colorJitter',
  ...augmentNames,
]);

/** A crop of the same size at a place that is not drawn, which does not change how large objects appear. */
function inPlace(step: PolicyStep): PolicyStep {
  return step.op === 'shiftedCenterCrop'
    ? { ...step, op: 'centerCrop', rounding: 'half-even' }
    : step;
}

/**
 * Draws views of a policy, which may lack its mirroring and its shift of a central crop: they do not
 * change how large objects appear. A policy that then shows the same part of an image each time, as
 * test policies do, is applied once for consecutive calls with the same image: a plan asks for 100,000 views.
 *
 * @returns throws FixresDataError `bad-option` if the policy does not fit an image
 */
export function drawViews(policy: Policy): DrawView {
  const upright = {
    ...policy,
    steps: policy.steps.filter(({ op }) => !SAME_SIZE.has(op)).map(inPlace),
  };
  // Augmentations are drawn after all geometry, so leaving them out changes no view.
  const plain = { ...policy, steps: policy.steps.filter(({ op }) => !isAugmentName(op)) };
  if (!isDeterministic(upright)) return (image, random) => viewOf(plain, image, random);
  let last: { image: Size; view: View } | undefined;
  return (image, random) => {
    if (last?.image !== image) last = { image, view: viewOf(upright, image, random) };
    return last.view;
  };
}
