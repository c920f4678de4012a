import { shellCommand } from '@fixres/runs/node';
import { counted } from '@fixres/runs/report';
import type { SweepTrial } from './trial-states.ts';

/** The trials in a table, their number by state, and what to do next. */
export function sweepText(folder: string, trials: readonly SweepTrial[]): string {
  const width = Math.max(...trials.map(({ trial }) => trial.length));
  const rows = trials.map(({ trial, state, attempts, problem }) =>
    [
      trial.padEnd(width),
      state.padEnd(11),
      attempts > 1 ? `attempt ${attempts}` : '',
      problem ?? '',
    ]
      .join('  ')
      .trimEnd(),
  );
  return [...rows, '', sweepSummary(folder, trials)].join('\n');
}

/** One line: how many trials are in which state, and what to do next. */
export function sweepSummary(folder: string, trials: readonly SweepTrial[]): string {
  const counts = new Map<string, number>();
  for (const { state } of trials) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = Array.from(counts, ([state, count]) => `${count} ${state}`).join(', ');
  return `${counted(trials.length, 'trial')}: ${states}.${nextStep(folder, trials)}`;
}

function nextStep(folder: string, trials: readonly SweepTrial[]): string {
  if (trials.every(({ state }) => state === 'finished'))
    return ` Collect them with: ${shellCommand(['fixres', 'sweep', 'collect', folder])}`;
  const isIdle = trials.some(({ state, isActive }) => state !== 'finished' && !isActive);
  return isIdle
    ? ` Submit those without a result with: ${shellCommand(['fixres', 'sweep', 'resume', folder])}`
    : '';
}
