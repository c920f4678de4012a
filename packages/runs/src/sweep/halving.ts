import { checkReduction, type HalvingSettings } from './halving-settings.ts';

/** A round: so many arms are trained, until each has so many seeds. */
export interface HalvingRound {
  arms: number;
  /** Number of seeds of each arm, with those of earlier rounds. */
  seeds: number;
}

/** An arm, by what is known of it. */
export interface HalvingArm {
  name: string;
  /** Accuracy by seed, of finished trials. */
  scores: ReadonlyMap<number, number>;
}

/** How far sequential halving is. */
export interface HalvingState {
  /** Index of the round that is not complete; the number of rounds if all are. */
  round: number;
  /** Arms that are still in, best first as far as is known. */
  left: string[];
  /** What this round still needs. */
  missing: { name: string; seed: number }[];
}

/**
 * The rounds of sequential halving (Karnin, Koren & Somekh 2013, algorithm 1) with a reduction of its own:
 * the arms are divided by it after each round, and the seeds multiplied, as in successive halving (Li et al.
 * 2020, section 3.1). The resource is the number of seeds. With epochs instead, see `RungHalving`: that saves more, but an arm
 * that is cut short has not reached the end of its schedule, and a slow start would end it.
 *
 * @throws FixresRunsError `bad-option`
 */
export function halvingRounds(arms: number, settings: HalvingSettings): HalvingRound[] {
  const { reduction, survivors } = settings;
  checkReduction(arms, settings);
  const rounds: HalvingRound[] = [];
  for (let left = arms, seeds = 1; left > survivors; seeds *= reduction) {
    rounds.push({ arms: left, seeds });
    left = Math.max(survivors, Math.floor(left / reduction));
  }
  return rounds;
}

/**
 * What is known after some trials: all rounds whose trials are finished are decided by the mean accuracy of
 * each arm over the round's seeds. Equal arms stay in their order.
 *
 * @param seeds for selection, at least as many as the last round has
 */
export function halvingState(
  rounds: readonly HalvingRound[],
  arms: readonly HalvingArm[],
  seeds: readonly number[],
  { survivors }: Pick<HalvingSettings, 'survivors'>,
): HalvingState {
  let left = [...arms];
  for (const [round, { seeds: count }] of rounds.entries()) {
    const used = seeds.slice(0, count);
    const missing = left.flatMap(({ name, scores }) =>
      used.filter((seed) => !scores.has(seed)).map((seed) => ({ name, seed })),
    );
    if (missing.length > 0) return { round, left: left.map(({ name }) => name), missing };
    const mean = ({ scores }: HalvingArm): number =>
      used.reduce((sum, seed) => sum + scores.get(seed)!, 0) / used.length;
    left = left.sort((a, b) => mean(b) - mean(a)).slice(0, rounds[round + 1]?.arms ?? survivors);
  }
  return { round: rounds.length, left: left.map(({ name }) => name), missing: [] };
}
