import { imageSizeText, policyLabel } from '@fixres/data';
import type { ArmEntry, GridEntry, PolicyEntry } from './experiment-file.ts';
import { imageSizeFrom, isMeasured, type SizeEntry } from './size-entry.ts';

/**
 * The arms of a grid: one from scratch per train size, and one initialised from it for every pair
 * of fine-tuning policy and freeze policy. An arm that trains nothing has no epochs.
 */
export function expandGrid({ train, finetune }: GridEntry): ArmEntry[] {
  const { trainPolicy, testPolicy = 'resize', imageSizes, augment, ...scratch } = train;
  return imageSizes.flatMap((size) => {
    const base: ArmEntry = {
      name: `train${sizeText(size)}`,
      trainPolicy: { policy: trainPolicy, size, ...(augment && { augment }) },
      testPolicy: { policy: testPolicy, size },
      ...scratch,
    };
    if (finetune === undefined) return [base];
    const { policies, freeze: freezes, ...training } = finetune;
    const tuned = policies.flatMap((pair) =>
      freezes.map((freeze): ArmEntry => {
        const name = `${base.name}-${label(pair.testPolicy)}-${typeof freeze === 'string' ? freeze : freeze.name}`;
        return {
          name,
          initFrom: base.name,
          ...pair,
          freeze,
          ...training,
          ...(freeze === 'bn-recalibrate' && { epochs: 0 }),
        };
      }),
    );
    return [base, ...tuned];
  });
}

function label(policy: PolicyEntry): string {
  return 'policy' in policy ? `${policy.policy}@${sizeText(policy.size)}` : policyLabel(policy);
}

function sizeText(size: SizeEntry | { measured: SizeEntry[] }): string {
  if (isMeasured(size)) return 'measured';
  return size === 'matched' ? size : imageSizeText(imageSizeFrom(size));
}
