import type { RobustnessRecord, RobustnessSummary } from '../events/events.ts';
import { corruptionConditions, corruptionKey } from '../experiment/corruption-conditions.ts';
import {
  type CorruptionSettings,
  evaluationKey,
  type Experiment,
} from '../experiment/experiment.ts';
import { armRobustness, type CorruptedArm, compareRobustness } from '../statistics/robustness.ts';
import type { ArmSoFar } from './decide-seeds.ts';

export interface CorruptedResults {
  /** By arm. */
  records: ReadonlyMap<string, RobustnessRecord>;
  summary: RobustnessSummary;
}

/**
 * The results of the arms on corrupted images, and comparisons of the pairs of arms that are
 * compared under their own test policies.
 *
 * @returns undefined if some are missing: logs of unfinished runs contain counts only
 */
export function corruptedResults(
  { comparisons }: Pick<Experiment, 'comparisons'>,
  settings: CorruptionSettings,
  results: readonly ArmSoFar[],
): CorruptedResults | undefined {
  const conditions = corruptionConditions(settings);
  const corrupted = new Map<string, CorruptedArm>();
  for (const { spec, seeds } of results) {
    const correctUnder = (key: string): Uint8Array[] =>
      seeds.flatMap(({ correct }) => correct.get(key) ?? []);
    const arm: CorruptedArm = {
      clean: correctUnder(evaluationKey(spec.testPolicy)),
      conditions: conditions.map((condition) => ({
        ...condition,
        correct: correctUnder(corruptionKey(spec.testPolicy, condition)),
      })),
    };
    if (arm.conditions.some(({ correct }) => correct.length < seeds.length)) return undefined;
    corrupted.set(spec.name, arm);
  }
  const { baseline = results[0]!.spec.name } = settings;
  const of = corrupted.get(baseline);
  if (of === undefined) return undefined;
  const pairs = comparisons
    .filter(({ policy }) => policy === 'own')
    .map(({ a, b }) => ({ a, b, ofA: corrupted.get(a)!, ofB: corrupted.get(b)! }));
  return {
    records: new Map([...corrupted].map(([name, arm]) => [name, armRobustness(arm, of)])),
    summary: {
      baseline,
      corruptions: [...new Set(conditions.map(({ corruption }) => corruption))],
      severities: [...new Set(conditions.map(({ severity }) => severity))],
      comparisons: compareRobustness(pairs),
    },
  };
}
