import {
  choosePairs,
  compareArms,
  type ComparedRun,
  configDifferences,
  namedPairs,
  evaluationKey,
  requireSameImages,
  scoreArm,
} from '@fixres/runs';
import { readComparedRun } from '@fixres/runs/node';
import { comparisonText, counted } from '@fixres/runs/report';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { resultWidth } from '../terminal/result-width.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres compare`, as the command line gives them. */
export interface CompareOptions {
  arm?: string[];
  testPolicy: string;
  all?: boolean;
  pairs?: string[];
  json?: boolean;
}

/**
 * Compares the arms of runs on their common held-out images, and prints which differences are
 * significant.
 */
export async function compare(folders: readonly string[], options: CompareOptions): Promise<void> {
  const terminal = new Terminal();
  const runs: ComparedRun[] = [];
  for (const [i, folder] of folders.entries()) {
    runs.push(
      onlyArms(
        await readComparedRun(folder, { letter: letterOf(i), policy: options.testPolicy }),
        options.arm,
      ),
    );
  }
  const arms = runs.flatMap((run) => run.arms);
  requireEnough(runs, options);
  for (const { folder, config } of runs) {
    if (config.dataset?.evaluateOn === 'heldBack')
      terminal.warn(
        `Run "${folder}" is evaluated on training images that are held back, to choose among arms; its accuracies are no results.`,
      );
  }
  for (const { folder, untested } of runs) {
    if (untested.length > 0)
      terminal.warn(
        `Run "${folder}" has no predictions ${underPolicy(options.testPolicy)} of ${untested.join(', ')}.`,
      );
  }
  requireSameImages(runs);
  // Runs of earlier versions have no digests.
  const digests = new Set(runs.flatMap(({ config }) => config.images?.heldOut ?? []));
  if (digests.size > 1)
    terminal.warn(
      'The held-out images have the same names and labels, but not the same pixels or order.',
    );

  const pairs = options.pairs
    ? namedPairs(arms, options.pairs)
    : choosePairs(arms, options.all ?? false);
  const comparisons = compareArms(pairs);
  const unmatched = comparisons.filter(({ seeds }) => seeds === null).length;
  if (unmatched > 0)
    terminal.warn(
      `In ${counted(unmatched, 'comparison')} the arms share no seed; their seeds are paired in order.`,
    );
  const scores = arms.map(scoreArm);
  const differences = configDifferences(runs);
  const images = arms[0]!.seeds.values().next().value!.length;
  const text = options.json
    ? JSON.stringify({
        format: 1,
        policy: options.testPolicy,
        images,
        runs: runs.map(({ letter, folder, dataset, untested }) => ({
          letter,
          folder,
          dataset,
          untested,
        })),
        arms: scores,
        comparisons,
        differences,
      })
    : comparisonText({ runs, images, arms: scores, comparisons, differences }, resultWidth());
  terminal.result(text);
}

/** A, B … Z, AA, AB … */
function letterOf(i: number): string {
  const letter = String.fromCharCode(65 + (i % 26));
  return i < 26 ? letter : letterOf(Math.floor(i / 26) - 1) + letter;
}

function onlyArms(run: ComparedRun, names: readonly string[] | undefined): ComparedRun {
  if (names === undefined) return run;
  const isNamed = (arm: string): boolean => names.includes(arm);
  return {
    ...run,
    arms: run.arms.filter(({ arm }) => isNamed(arm)),
    untested: run.untested.filter(isNamed),
  };
}

/** @throws ExitError if there are fewer than two arms to compare; it lists the existing ones */
function requireEnough(
  runs: readonly ComparedRun[],
  { arm: names, testPolicy: policy }: CompareOptions,
): void {
  const known = [
    ...new Set(runs.flatMap(({ config }) => config.experiment.arms.map(({ name }) => name))),
  ];
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new ExitError(
      exitCodes.usage,
      `error: Option --arm is "${unknown}"; the runs have ${known.join(', ')}.`,
    );
  if (runs.flatMap(({ arms }) => arms).length >= 2) return;
  const keys = [
    ...new Set(runs.flatMap(({ config }) => config.experiment.evaluations.map(evaluationKey))),
  ];
  const hint =
    policy === 'own' || keys.includes(policy)
      ? 'Runs that are training have predictions when an arm is done.'
      : `Option --test-policy must be own or one of ${keys.join(', ')}.`;
  throw new ExitError(
    exitCodes.usage,
    `error: There are not two arms with predictions ${underPolicy(policy)}. ${hint}`,
  );
}

function underPolicy(policy: string): string {
  return policy === 'own' ? 'under their own test policies' : `under ${policy}`;
}
