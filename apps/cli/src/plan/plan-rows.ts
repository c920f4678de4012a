import type { ResolutionPlan, TestCandidate } from '@fixres/data';

/** One line of a plan's table and picture. */
export interface PlanRow extends TestCandidate {
  /** `fixresTest@224` */
  label: string;
  recommended: boolean;
}

/** The candidates, and the matched policy if it is none of them, with the recommended one marked. */
export function planRows({ candidates, matched, recommendation }: ResolutionPlan): PlanRow[] {
  const label = ({ policy, cropSize }: TestCandidate): string => `${policy.name}@${cropSize}`;
  const isListed = candidates.some((candidate) => label(candidate) === label(matched));
  return [...candidates, ...(isListed ? [] : [matched])].map((candidate) => ({
    ...candidate,
    label: label(candidate),
    recommended: label(candidate) === label(recommendation),
  }));
}
