import { existsSync } from 'node:fs';
import { halvingRounds, halvingState } from '@fixres/runs';
import { loadRun, shellCommand } from '@fixres/runs/node';
import { counted } from '@fixres/runs/report';
import type { SweepBackend } from './backend-names.ts';
import { sweepFiles } from './sweep-folder.ts';
import type { SeedHalving, SweepPlan } from './sweep-plan.ts';
import type { SweepTrial } from './trial-states.ts';

interface AnyProgress {
  isDecided: boolean;
  /** The arms that are still in, best first, by the names of their arms from scratch. */
  left: string[];
  /** The arm that they are compared with in the end. */
  baseline: string;
  /** Where trials were submitted last. */
  on?: SweepBackend | undefined;
}

export interface SeedProgress extends AnyProgress {
  over: 'seeds';
  /** From 1; after the last one, their number. */
  round: number;
  rounds: number;
  /** Trials that the round needs and that the sweep does not have yet. */
  next: string[];
}

export interface EpochProgress extends AnyProgress {
  over: 'epochs';
  /** Epochs after which arms are compared, and the number of arms that have a result there. */
  rungs: { epochs: number; arms: number }[];
  /** Number of workers that a scheduler still has. */
  workers: number;
}

/** What halving leaves and needs, for people and programs. */
export type HalvingProgress = SeedProgress | EpochProgress;

/** How far halving over seeds is, from the results of the trials. */
export async function seedProgress(
  halving: SeedHalving,
  { trials, submissions }: Pick<SweepPlan, 'trials' | 'submissions'>,
  states: readonly SweepTrial[],
): Promise<SeedProgress> {
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
    over: 'seeds',
    round: Math.min(round + 1, rounds.length),
    rounds: rounds.length,
    isDecided: round === rounds.length,
    left,
    baseline: halving.baseline,
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

/** How far the choice is, what it means, and what to do next. */
export function halvingText(folder: string, progress: HalvingProgress): string {
  const { isDecided, left, baseline, on } = progress;
  if (!isDecided) return `Halving over ${progress.over}: ${farText(progress)}.`;
  if (left.length === 0)
    return 'Halving: no arm is left, because the loss of all of them became infinite or not a number.';
  const file = sweepFiles.survivors(folder);
  const others = left.filter((arm) => arm !== baseline);
  const what =
    others.length === 0
      ? `No arm is better than ${baseline}, which can be trained`
      : `${others.join(', ')} can be compared with ${baseline}`;
  // Where a scheduler runs the trials, no process of ours waits for the last of them.
  const next = existsSync(file)
    ? [
        ...['fixres', 'sweep', 'start', file, '--out', `${folder}-final`],
        ...(on === undefined || on === 'local' ? [] : ['--on', on]),
      ]
    : ['fixres', 'sweep', 'resume', folder];
  return (
    `Halving: ${left.join(', ')} left. The accuracies that they were chosen by are too high, because chance helped to choose. ` +
    `${what} with fresh seeds on the held-out images${existsSync(file) ? '' : ', after this command has written the experiment'}: ${shellCommand(next)}`
  );
}

function farText(progress: HalvingProgress): string {
  if (progress.over === 'seeds')
    return `round ${progress.round} of ${progress.rounds}, ${progress.left.length} arms are left`;
  const rungs = progress.rungs.map(
    ({ epochs, arms }, i) =>
      `${i === 0 ? counted(arms, 'arm') : arms} after ${i === 0 ? counted(epochs, 'epoch') : epochs}`,
  );
  const { workers } = progress;
  return `${rungs.join(', ')}${workers > 0 ? `; ${counted(workers, 'worker')}` : ''}`;
}
