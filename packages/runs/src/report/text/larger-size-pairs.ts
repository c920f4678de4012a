import { compareSizes } from '@fixres/data';
import type { ArmRecord, EvaluationRecord } from '../../events/events.ts';

/** What decides whether an arm is fine-tuned for a larger test size. */
export type SizedArm = Pick<ArmRecord, 'name' | 'initFrom' | 'epochs' | 'ownEvaluation'> & {
  evaluations: readonly Pick<EvaluationRecord, 'size'>[];
};

/** An arm that is trained further for a larger test size than that of the arm it is initialised from. */
export interface LargerSizePair {
  tuned: string;
  from: string;
  /** Arms that are trained further from the same weights, but not for a larger size. */
  controls: string[];
}

/**
 * The arms that do what FixRes does, whatever their names are: `fixres` and `small` of the presets,
 * `finetuned` and `given` of `fixres finetune`, and those of other experiments.
 */
export function largerSizePairs(arms: readonly SizedArm[]): LargerSizePair[] {
  // In a run that fine-tunes a model, an arm without epochs stands for the model.
  const given = arms.find(({ initFrom, epochs }) => initFrom === null && epochs === 0);
  const further = arms.flatMap((arm) => {
    const from = arm.initFrom === null ? given : arms.find(({ name }) => name === arm.initFrom);
    if (from === undefined || !(arm.epochs > 0)) return [];
    const [size, before] = [arm, from].map(
      ({ evaluations, ownEvaluation }) => evaluations[ownEvaluation]?.size,
    );
    if (size === undefined || before === undefined) return [];
    return [{ name: arm.name, from: from.name, isLarger: compareSizes(size, before) > 0 }];
  });
  return further
    .filter(({ isLarger }) => isLarger)
    .map(({ name, from }) => ({
      tuned: name,
      from,
      controls: further
        .filter((other) => other.from === from && !other.isLarger)
        .map((other) => other.name),
    }));
}
