import { policyLabel, type ResolutionPlan, type TestCandidate } from '@fixres/data';

/** A row in the table and picture of a plan. */
export interface PlanRow extends TestCandidate {
  /** `fixresTest@224` */
  label: string;
  recommended: boolean;
}

/**
 * The candidates, plus the matched policy if it is not one of them, with the recommended one
 * marked.
 */
export function planRows({ candidates, matched, recommendation }: ResolutionPlan): PlanRow[] {
  const label = ({ policy }: TestCandidate): string => policyLabel(policy);
  const isListed = candidates.some((candidate) => label(candidate) === label(matched));
  return [...candidates, ...(isListed ? [] : [matched])].map((candidate) => ({
    ...candidate,
    label: label(candidate),
    recommended: label(candidate) === label(recommendation),
  }));
}
