import { imageSizeText } from '@fixres/data/names';
import type { ArmRecord, EvaluationRecord, Summary } from '../../events/events.ts';

/** The evaluation under the arm's own test policy. */
export function ownEvaluation(arm: ArmRecord): EvaluationRecord {
  return arm.evaluations[arm.ownEvaluation]!;
}

/** A policy and its size, in the format of comparisons. */
export function policyAt({ policy, size }: Pick<EvaluationRecord, 'policy' | 'size'>): string {
  return `${policy}@${imageSizeText(size)}`;
}

/** Number of seeds of the run: evaluations pool images x seeds. */
export function seedCount({ arms, dataset }: Summary): number {
  const total = Math.max(...arms.map((arm) => ownEvaluation(arm).total), dataset.heldOut);
  return Math.max(1, Math.round(total / Math.max(1, dataset.heldOut)));
}

/** Known even for an arm without a result. */
export type TrainedArm = Pick<ArmRecord, 'name' | 'initFrom' | 'epochs' | 'curves'>;

/**
 * The arms that an arm is initialised from, nearest first. An unknown name or a cycle ends the
 * list.
 */
export function ancestors<Arm extends Pick<ArmRecord, 'name' | 'initFrom'>>(
  arm: Arm,
  arms: readonly Arm[],
): Arm[] {
  const line: Arm[] = [];
  let parent = arms.find(({ name }) => name === arm.initFrom);
  while (parent && parent !== arm && !line.includes(parent)) {
    line.push(parent);
    const next: string | null = parent.initFrom;
    parent = arms.find(({ name }) => name === next);
  }
  return line;
}
