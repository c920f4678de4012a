import type { ConfigValue } from '@fixres/runs/events';
import type { RunState } from '@fixres/runs/events';
import type { RunRow } from '../../../shared/protocol.ts';

/** A column of the runs table: a name and its sort key. */
export interface Column {
  key: string;
  title: string;
  value: (row: RunRow) => ConfigValue;
  numeric?: boolean;
}

const order: readonly RunState[] = [
  'running',
  'silent',
  'failed',
  'crashed',
  'interrupted',
  'finished',
];

/** Best accuracy of a run's arms under their own test policies. */
export function bestAccuracy(row: RunRow): number | null {
  const known = row.scores.flatMap(({ accuracy }) => (accuracy === null ? [] : [accuracy]));
  return known.length > 0 ? Math.max(...known) : null;
}

export const fixedColumns: readonly Column[] = [
  { key: 'run', title: 'Run', value: (row) => row.id },
  { key: 'status', title: 'Status', value: (row) => order.indexOf(row.status) },
  { key: 'started', title: 'Started', value: (row) => row.startedAt },
  { key: 'accuracy', title: 'Accuracy', value: bestAccuracy, numeric: true },
];

export function configColumn(key: string): Column {
  return { key: `config.${key}`, title: key, value: (row) => row.config[key] ?? null };
}

/** Sorts by a column; runs without a value come last in both directions. */
export function sorted(rows: readonly RunRow[], column: Column, descending: boolean): RunRow[] {
  const sign = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: column.value(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null)
        return Number(a.value === null) - Number(b.value === null);
      return sign * compare(a.value, b.value) || compare(a.row.id, b.row.id);
    })
    .map(({ row }) => row);
}

const texts = new Intl.Collator('en', { numeric: true });

function compare(a: Exclude<ConfigValue, null>, b: Exclude<ConfigValue, null>): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return texts.compare(String(a), String(b));
}

/**
 * Groups rows by a setting, in the order of the rows; one group without a name if there is no
 * setting.
 */
export function grouped(rows: readonly RunRow[], key: string): { name: string; rows: RunRow[] }[] {
  if (key === '') return [{ name: '', rows: [...rows] }];
  const groups = new Map<string, RunRow[]>();
  for (const row of rows) {
    const name = String(key === 'status' ? row.status : (row.config[key] ?? '–'));
    const members = groups.get(name);
    if (members) members.push(row);
    else groups.set(name, [row]);
  }
  return Array.from(groups, ([name, members]) => ({ name, rows: members })).sort((a, b) =>
    texts.compare(a.name, b.name),
  );
}

/**
 * The rows of the groups to draw, at most `most` in total. Groups without drawn rows keep their
 * headings, which are also limited to `most`.
 */
export function drawnRows(
  groups: readonly { name: string; rows: RunRow[] }[],
  most: number,
): { name: string; rows: RunRow[]; drawn: RunRow[] }[] {
  let left = most;
  return groups.slice(0, most).map(({ name, rows }) => {
    const drawn = rows.slice(0, left);
    left -= drawn.length;
    return { name, rows, drawn };
  });
}

/** Settings in which the runs differ, then those that are equal. */
export function configDiff(rows: readonly RunRow[]): { differing: DiffLine[]; same: DiffLine[] } {
  const keys = [...new Set(rows.flatMap(({ config }) => Object.keys(config)))].sort(texts.compare);
  const lines = keys.map((key) => ({ key, values: rows.map(({ config }) => config[key] ?? null) }));
  const differs = ({ values }: DiffLine): boolean => values.some((value) => value !== values[0]);
  return { differing: lines.filter(differs), same: lines.filter((line) => !differs(line)) };
}

export interface DiffLine {
  key: string;
  values: ConfigValue[];
}
