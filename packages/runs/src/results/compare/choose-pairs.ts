import type { ComparedArm } from './compared-run.ts';

/**
 * Which arms are compared, the later one first: arms of the same name in different runs, each with
 * that of the first run that has one; if no name occurs twice, every arm with every other.
 *
 * @param all every arm with every other in any case
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
