import type { ArmRecord, EvaluationRecord, Summary } from '@fixres/runner/events';

/** The evaluation under the arm's own test policy. */
export function ownEvaluation(arm: ArmRecord): EvaluationRecord {
  return arm.evaluations[arm.ownEvaluation]!;
}

/** A policy and its size, as comparisons write it. */
export function policyAt({ policy, size }: Pick<EvaluationRecord, 'policy' | 'size'>): string {
  return `${policy}@${size}`;
}

/** Number of seeds of the run: evaluations pool images x seeds. */
export function seedCount({ arms, dataset }: Summary): number {
  const total = Math.max(...arms.map((arm) => ownEvaluation(arm).total), dataset.heldOut);
  return Math.max(1, Math.round(total / Math.max(1, dataset.heldOut)));
}

/** The arms that an arm starts from, nearest first. A name that does not exist, or a circle, ends the list. */
export function ancestors(arm: ArmRecord, arms: readonly ArmRecord[]): ArmRecord[] {
  const line: ArmRecord[] = [];
  let parent = arms.find(({ name }) => name === arm.initFrom);
  while (parent && parent !== arm && !line.includes(parent)) {
    line.push(parent);
    const next: string | null = parent.initFrom;
    parent = arms.find(({ name }) => name === next);
  }
  return line;
}
