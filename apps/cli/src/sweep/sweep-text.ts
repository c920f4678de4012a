import { shellCommand } from '@fixres/runs/node';
import { counted, percent } from '@fixres/runs/report';
import { type HalvingProgress, halvingText } from './halving-progress.ts';
import type { SweepTrial } from './trial-states.ts';

/** The trials in a table, their number by state, and what to do next. */
export function sweepText(
  folder: string,
  trials: readonly SweepTrial[],
  halving?: HalvingProgress,
): string {
  const width = Math.max(...trials.map(({ trial }) => trial.length));
  const rows = trials.map(({ trial, state, attempts, problem, rung }) =>
    [
      trial.padEnd(width),
      state.padEnd(11),
      ...(rung === undefined ? [] : [rungText(rung).padEnd(24)]),
      attempts > 1 ? `attempt ${attempts}` : '',
      problem ?? '',
    ]
      .join('  ')
      .trimEnd(),
  );
  return [...rows, '', sweepSummary(folder, trials, halving)].join('\n');
}

/** How far a trial of halving over epochs is. */
function rungText(rung: NonNullable<SweepTrial['rung']> | null): string {
  if (rung === null) return '';
  const { epochs, accuracies } = rung;
  const last = accuracies.findLast((accuracy) => accuracy !== null);
  return `${counted(epochs, 'epoch')}${last === undefined ? '' : `, ${percent(last)}`}`;
}

/** One line: how many trials are in which state, and what to do next. */
export function sweepSummary(
  folder: string,
  trials: readonly SweepTrial[],
  halving?: HalvingProgress,
): string {
  const counts = new Map<string, number>();
  for (const { state } of trials) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = Array.from(counts, ([state, count]) => `${count} ${state}`).join(', ');
  return `${counted(trials.length, 'trial')}: ${states}.${halving ? ` ${halvingText(folder, halving)}` : ''}${nextStep(folder, trials, halving)}`;
}

function nextStep(
  folder: string,
  trials: readonly SweepTrial[],
  halving: HalvingProgress | undefined,
): string {
  if (halving?.isDecided) return '';
  if (halving?.over === 'epochs')
    return halving.workers > 0 || trials.some(({ isActive }) => isActive)
      ? ''
      : ` Go on with: ${shellCommand(['fixres', 'sweep', 'resume', folder])}`;
  if (halving && trials.every(({ state }) => state === 'finished'))
    return ` Submit the next round with: ${shellCommand(['fixres', 'sweep', 'resume', folder])}`;
  if (trials.every(({ state }) => state === 'finished'))
    return ` Collect them with: ${shellCommand(['fixres', 'sweep', 'collect', folder])}`;
  const isIdle = trials.some(({ state, isActive }) => state !== 'finished' && !isActive);
  return isIdle
    ? ` Submit those without a result with: ${shellCommand(['fixres', 'sweep', 'resume', folder])}`
    : '';
}
