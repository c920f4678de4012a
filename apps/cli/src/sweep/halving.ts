import { existsSync } from 'node:fs';
import {
  experimentOfTrials,
  halvingRounds,
  type HalvingSettings,
  halvingState,
  type PlannedExperiment,
  type PrecisionChoice,
  trialsOf,
} from '@fixres/runs';
import { loadRun, shellCommand, writeAside } from '@fixres/runs/node';
import { settingRanges } from '@fixres/runs/names';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { SweepBackend } from './backend-names.ts';
import { planSweep } from './plan-sweep.ts';
import { sweepFiles } from './sweep-folder.ts';
import type { SweepHalving, SweepPlan } from './sweep-plan.ts';
import type { SweepTrial } from './trial-states.ts';

type Planned = PlannedExperiment<PrecisionChoice>;

/** What halving leaves and needs, for people and programs. */
export interface HalvingProgress {
  /** From 1; after the last one, their number. */
  round: number;
  rounds: number;
  isDecided: boolean;
  /** The arms that are still in, best first, by the names of their trials. */
  left: string[];
  /** Trials that the round needs and that the sweep does not have yet. */
  next: string[];
  /** Where trials were submitted last. */
  on?: SweepBackend | undefined;
}

/**
 * The settings of a new sweep that chooses among the arms of an experiment.
 *
 * @throws ExitError for an experiment whose arms depend on each other; FixresRunsError `bad-option`
 */
export function newHalving(planned: Planned, settings: HalvingSettings): SweepHalving {
  const dependent = planned.arms.find(({ cost }) => cost !== undefined);
  if (dependent)
    throw refused(
      `the length of arm "${dependent.name}" follows from the cost of another arm, which may be left out; give it epochs`,
    );
  if (planned.seedStopping !== undefined)
    throw refused('the experiment stops its seeds by a difference of two arms (seeds.until)');
  if (planned.factorial !== undefined)
    throw refused('the experiment splits a difference into effects of all its arms (factorial)');
  const roots = rootsOf(planned).length;
  if (roots < 2)
    throw refused(
      'it chooses among arms that are trained from scratch, and the experiment has one; at least 2 are needed',
    );
  const rounds = halvingRounds(roots, settings);
  const count = rounds.at(-1)!.seeds;
  if (count > settingRanges.seedCount.high)
    throw refused(
      `its last round has ${count} seeds, and ${settingRanges.seedCount.high} are allowed`,
    );
  const first = Math.max(...planned.seeds) + 1;
  const { high } = settingRanges.seed;
  if (first + count - 1 > high)
    throw refused(
      `it needs ${count} seeds above those of the experiment, and the largest seed is ${high}`,
    );
  return {
    ...settings,
    seeds: Array.from({ length: count }, (_, i) => first + i),
    finalSeeds: [...planned.seeds],
  };
}

/** The experiment whose trials choose: without comparisons, with other seeds than the file. */
export function selectionExperiment(planned: Planned, { seeds }: SweepHalving): Planned {
  return { ...planned, comparisons: [], seeds };
}

/** The trials of the first round. */
export function firstTrials(planned: Planned, { seeds }: SweepHalving): string[] {
  return rootsOf(planned).map((root) => `${root}@${seeds[0]!}`);
}

/**
 * How far halving is, from the results of the trials.
 *
 * @returns undefined for a sweep that does not choose
 */
export async function halvingProgress(
  { halving, trials, submissions }: SweepPlan,
  states: readonly SweepTrial[],
): Promise<HalvingProgress | undefined> {
  if (halving === undefined) return undefined;
  const scores = new Map<string, Map<number, number>>();
  for (const { trial, state, folder: run } of states) {
    const at = trial.lastIndexOf('@');
    const root = trial.slice(0, at);
    const own = scores.get(root) ?? new Map<number, number>();
    scores.set(root, own);
    const score = state === 'finished' ? await scoreOf(run!) : undefined;
    if (score !== undefined) own.set(Number(trial.slice(at + 1)), score);
  }
  const arms = Array.from(scores, ([name, own]) => ({ name, scores: own }));
  const rounds = halvingRounds(arms.length, halving);
  const { round, left, missing } = halvingState(rounds, arms, halving.seeds, halving);
  const known = new Set(trials);
  return {
    round: Math.min(round + 1, rounds.length),
    rounds: rounds.length,
    isDecided: round === rounds.length,
    left,
    on: submissions.at(-1)?.on,
    next: missing.map(({ name, seed }) => `${name}@${seed}`).filter((trial) => !known.has(trial)),
  };
}

/** The accuracy, under its own test policy, of the arm that a trial trains last. */
async function scoreOf(run: string): Promise<number | undefined> {
  const { summary } = await loadRun(run);
  const last = summary?.arms.at(-1);
  return last?.evaluations[last.ownEvaluation]?.accuracy;
}

/**
 * Writes the experiment that compares the arms that are left, with the seeds of the file.
 *
 * @returns its path
 */
export async function writeSurvivors(
  folder: string,
  { finalSeeds }: SweepHalving,
  left: readonly string[],
  terminal: Terminal,
): Promise<string> {
  const file = sweepFiles.survivors(folder);
  const { experiment } = await planSweep(sweepFiles.experiment(folder), {}, terminal, (planned) => {
    const trials = finalSeeds.flatMap((seed) => left.map((root) => `${root}@${seed}`));
    // All have a length: others were refused.
    const arms = planned.arms.flatMap((arm) => (arm.epochs === undefined ? [] : [arm]));
    const part = experimentOfTrials({ ...planned, arms, seeds: finalSeeds }, trials);
    return { ...part, comparisons: comparisonsOf(planned, left) };
  });
  await writeAside(file, experiment);
  return file;
}

/** The best arm with each other one: of each trial, the arm that is trained last. */
function comparisonsOf(planned: Planned, left: readonly string[]): Planned['comparisons'] {
  const trials = trialsOf(planned);
  const [best, ...others] = left.map((root) =>
    trials.find(({ name }) => name.startsWith(`${root}@`))!.arms.at(-1)!,
  );
  return others.map((other) => ({ a: best!, b: other, policy: 'own' }));
}

/** How far the choice is, what it means, and what to do next. */
export function halvingText(
  folder: string,
  { round, rounds, isDecided, left, on }: HalvingProgress,
): string {
  if (!isDecided) return `Halving: round ${round} of ${rounds}, ${left.length} arms are left.`;
  const file = sweepFiles.survivors(folder);
  // Where a scheduler runs the trials, no process of ours waits for the last of them.
  const next = existsSync(file)
    ? `Compare them with fresh seeds: ${shellCommand([
        ...['fixres', 'sweep', 'start', file, '--out', `${folder}-final`],
        ...(on === undefined || on === 'local' ? [] : ['--on', on]),
      ])}`
    : `Write the experiment that compares them with fresh seeds: ${shellCommand(['fixres', 'sweep', 'resume', folder])}`;
  return (
    `Halving: ${left.join(', ')} left. The accuracies that they were chosen by are too high, because chance helped to choose. ` +
    next
  );
}

function rootsOf(planned: Planned): string[] {
  return planned.arms.filter(({ initFrom }) => initFrom === null).map(({ name }) => name);
}

function refused(why: string): ExitError {
  return new ExitError(exitCodes.usage, `error: Option --halving cannot be used: ${why}.`);
}
