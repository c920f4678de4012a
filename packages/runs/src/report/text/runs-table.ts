import { fittedTable, type TableColumn } from './fitted-table.ts';
import { clock, percent } from '../format.ts';
import type { RunEntry } from '../../results/run-entry.ts';

const columns: readonly TableColumn<RunEntry>[] = [
  { title: 'run', cell: ({ name }) => name },
  { title: 'state', cell: ({ state }) => state },
  { title: 'dataset', cell: ({ dataset }) => dataset ?? '-', rank: 5 },
  { title: 'model', cell: ({ model }) => model ?? '-', rank: 6 },
  { title: 'arms', cell: ({ arms }) => String(arms.length), right: true, rank: 4 },
  { title: 'best arm', cell: ({ best }) => best?.arm ?? '-' },
  { title: 'accuracy', cell: ({ best }) => (best ? percent(best.accuracy) : '-'), right: true },
  {
    title: '95 % interval',
    cell: ({ best }) => (best ? best.ci95.map((end) => percent(end)).join(' to ') : '-'),
    right: true,
    rank: 1,
  },
  {
    title: 'started',
    cell: ({ startedAt }) => (startedAt ? localMinute(new Date(startedAt)) : '-'),
    rank: 2,
  },
  {
    title: 'took',
    cell: ({ seconds }) => (seconds === null ? '-' : clock(seconds)),
    right: true,
    rank: 3,
  },
];

/** A table of runs with as many columns as fit `width` characters. */
export function runsTable(runs: readonly RunEntry[], width: number): string {
  return fittedTable(columns, runs, width);
}

/** `2026-11-24 08:40` in the time zone of the machine. */
function localMinute(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
