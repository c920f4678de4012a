import type { SeedStoppingRecord } from '../events/events.ts';
import { type ArmSpec, type Experiment, evaluationKey } from '../experiment/experiment.ts';
import { tConfidenceSequence } from '../statistics/sequential/t-confidence-sequence.ts';

/** The predictions of an arm so far, one list entry per trained seed. */
export interface ArmSoFar {
  spec: Pick<ArmSpec, 'name' | 'testPolicy'>;
  /** By evaluation key: 1 for each held-out image classified correctly. */
  seeds: readonly { correct: ReadonlyMap<string, Uint8Array> }[];
}

/**
 * Whether enough seeds are trained, by the experiment's own condition. It depends on the results
 * alone, so a resumed run decides the same.
 *
 * Differences are whole numbers of images. If few seeds differ by less than an image, the interval
 * uses the smallest deviation that these images can show, as `compareOverSeeds` does.
 *
 * @returns undefined if the number of seeds is fixed, or an arm of the condition has no result
 */
export function decideSeeds(
  { seedStopping, seeds: planned }: Pick<Experiment, 'seedStopping' | 'seeds'>,
  results: readonly ArmSoFar[],
): SeedStoppingRecord | undefined {
  if (seedStopping === undefined) return undefined;
  const { a, b, policy, until } = seedStopping;
  const accuracies = [a, b].map((name) => accuraciesOf(name, policy, results));
  const [ofA, ofB] = accuracies as [Accuracies, Accuracies];
  const values = ofA.values.slice(0, ofB.values.length).map((value, i) => value - ofB.values[i]!);
  if (values.length === 0) return undefined;
  const [low, high] = tConfidenceSequence(values, {
    leastSd: 1 / (ofA.images * Math.sqrt(values.length)),
  });
  const isReached =
    until === 'excludes0' ? low > 0 || high < 0 : (high - low) / 2 <= until.halfWidth;
  return {
    a,
    b,
    policy,
    until,
    max: planned.length,
    isReached,
    values,
    ci95: Number.isFinite(low) ? [low, high] : null,
  };
}

interface Accuracies {
  images: number;
  /** One per seed. */
  values: number[];
}

function accuraciesOf(name: string, policy: string, results: readonly ArmSoFar[]): Accuracies {
  const arm = results.find(({ spec }) => spec.name === name);
  const key = policy === 'own' && arm ? evaluationKey(arm.spec.testPolicy) : policy;
  const rows = (arm?.seeds ?? []).flatMap(({ correct }) => correct.get(key) ?? []);
  return {
    images: rows[0]?.length ?? 0,
    values: rows.map((row) => row.reduce((sum, one) => sum + one, 0) / row.length),
  };
}
