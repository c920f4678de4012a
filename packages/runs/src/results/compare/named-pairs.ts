import { FixresRunsError } from '../../errors.ts';
import type { ComparedArm } from './compared-run.ts';

/**
 * The pairs of arms with the given names, in that order: a family of comparisons that was chosen
 * before the runs. Holm's correction is then for as many comparisons as are listed.
 *
 * @param names of each pair, `fixres - small`: arms by their name, or by their label (`A fixres`)
 * if several runs have the name
 * @throws FixresRunsError `bad-option` for anything else, or a pair that is listed twice
 */
export function namedPairs(
  arms: readonly ComparedArm[],
  names: readonly string[],
): [ComparedArm, ComparedArm][] {
  const known = new Map(arms.map((arm) => [arm.label, arm]));
  for (const arm of arms)
    if (arms.every((other) => other === arm || other.arm !== arm.arm)) known.set(arm.arm, arm);
  const seen = new Set<string>();
  return names.map((text): [ComparedArm, ComparedArm] => {
    const [a, b, ...rest] = text.split(' - ').map((name) => known.get(name.trim()));
    if (a === undefined || b === undefined || a === b || rest.length > 0)
      throw refused(
        `The pair is "${text}" (option "pairs"); allowed is "A - B", two different arms of ${[...known.keys()].join(', ')}`,
      );
    const pair = [a.label, b.label].toSorted().join(' - ');
    if (seen.has(pair)) throw refused(`The pair "${text}" is listed twice (option "pairs")`);
    seen.add(pair);
    return [a, b];
  });
}

function refused(why: string): FixresRunsError {
  return new FixresRunsError('bad-option', `${why}.`);
}
