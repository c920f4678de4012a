import type { ComparedArm } from './compared-run.ts';

/**
 * The pairs of arms to compare, with the later arm first: each arm with the arm of the same name in
 * the first run that has it; if no name occurs twice, all pairs of arms.
 *
 * @param all compare all pairs of arms in any case
 */
export function choosePairs(
  arms: readonly ComparedArm[],
  all: boolean,
): [ComparedArm, ComparedArm][] {
  const everyPair = arms.flatMap((a, i) =>
    arms.slice(0, i).map((b): [ComparedArm, ComparedArm] => [a, b]),
  );
  if (all) return everyPair;
  const firstOf = (arm: ComparedArm): ComparedArm =>
    arms.find(({ arm: name }) => name === arm.arm)!;
  const namesakes = arms.flatMap((arm): [ComparedArm, ComparedArm][] =>
    firstOf(arm) === arm ? [] : [[arm, firstOf(arm)]],
  );
  return namesakes.length > 0 ? namesakes : everyPair;
}
