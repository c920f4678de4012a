import { FixresDataError } from '../errors.ts';
import type { CropPosition } from '../geometry/crop-window.ts';
import { isDeterministic, type Policy } from './policy.ts';
import type { PolicyStep } from './policy-step.ts';

export interface TestTimeOptions {
  /**
   * `center` keeps the policy's own crop; `five` uses the four corners and the centre. Default
   * `center`.
   */
  crops?: 'center' | 'five';
  /** Whether each crop is also shown mirrored. Default false. */
  flip?: boolean;
}

const positions: readonly CropPosition[] = [
  'top-left',
  'top-right',
  'bottom-left',
  'bottom-right',
  'centre',
];

/**
 * Test-time augmentation: the policies whose predictions are averaged for one image. Five crops are
 * those of torchvision's `FiveCrop`; with `flip` they are those of `TenCrop` (in its order: all
 * crops, then all mirrored).
 *
 * @throws FixresDataError `bad-option` for a random policy, or for five crops of a policy without
 * `centerCrop`
 */
export function testTimeViews(
  policy: Policy,
  { crops = 'center', flip = false }: TestTimeOptions = {},
): Policy[] {
  if (!isDeterministic(policy)) {
    throw new FixresDataError(
      'bad-option',
      `Policy "${policy.name}" draws at random; test-time augmentation needs a test policy.`,
    );
  }
  const cropped =
    crops === 'five' ? positions.map((position) => atPosition(policy, position)) : [policy];
  return flip ? [...cropped, ...cropped.map(mirrored)] : cropped;
}

/**
 * For `five`, mirrors the image before the crop, as in `TenCrop`; otherwise mirrors the crop. The
 * two differ only for an odd remainder.
 */
function mirrored(policy: Policy): Policy {
  const crop = policy.steps.findIndex(({ op }) => op === 'positionedCrop');
  const at = crop === -1 ? policy.steps.length : crop;
  return {
    ...policy,
    name: `${policy.name}+mirrored`,
    steps: policy.steps.toSpliced(at, 0, { op: 'horizontalFlip' }),
  };
}

function atPosition(policy: Policy, position: CropPosition): Policy {
  const last = policy.steps.findLastIndex(({ op }) => op === 'centerCrop');
  const crop = policy.steps[last];
  if (crop?.op !== 'centerCrop' || crop.pad) {
    throw new FixresDataError(
      'bad-option',
      `Policy "${policy.name}" has no centerCrop inside the image; five crops need one to move.`,
    );
  }
  const moved: PolicyStep = {
    op: 'positionedCrop',
    width: crop.width,
    height: crop.height,
    position,
  };
  return { ...policy, name: `${policy.name}@${position}`, steps: policy.steps.with(last, moved) };
}
