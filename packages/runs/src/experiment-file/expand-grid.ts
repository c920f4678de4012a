import type { ArmEntry, GridEntry, PolicyEntry } from './experiment-file.ts';

/**
 * The arms of a grid: one from scratch per train size, and one initialised from it for every pair
 * of fine-tuning policy and freeze policy. An arm that trains nothing has no epochs.
 */
export function expandGrid({ train, finetune }: GridEntry): ArmEntry[] {
  const { policy, test = 'resize', sizes, ...scratch } = train;
  return sizes.flatMap((size) => {
    const base: ArmEntry = {
      name: `train${size}`,
      train: { policy, size },
      test: { policy: test, size },
      ...scratch,
    };
    if (finetune === undefined) return [base];
    const { policies, freeze: freezes, ...training } = finetune;
    const tuned = policies.flatMap((pair) =>
      freezes.map((freeze): ArmEntry => {
        const name = `${base.name}-${label(pair.test)}-${typeof freeze === 'string' ? freeze : freeze.name}`;
        return {
          name,
          from: base.name,
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
  return 'policy' in policy
    ? `${policy.policy}@${policy.size}`
    : `${policy.name}@${policy.output.width}`;
}
