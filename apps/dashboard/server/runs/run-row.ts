import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { lockOwnerState, type LockOwnerState, parseLockOwner } from '@fixres/runs/read';
import {
  type Fields,
  fieldsOf,
  flattenConfig,
  isFields,
  listOf,
  runState,
  type RunState,
} from '@fixres/runs/events';
import type { ArmScore, LiveProgress, RunRow } from '../../shared/protocol.ts';
import { OUTPUT_FILE } from '../control/run-process.ts';
import {
  factsOf,
  namesIn,
  openInside,
  plainFile,
  readPart,
  readSmallJson,
} from '../open-inside.ts';

const MAX_CONFIG = 1 << 20;
const MAX_LOCK = 4 << 10;
const TAIL = 16 << 10;
/** Sizes and times of a row's files. While they are unchanged, so is the row. */
export interface RunStamp {
  config: Stats | undefined;
  events: Stats | undefined;
  summary: Stats | undefined;
  /**
   * Time of the last added model or predictions file. For a finished run also the size of its
   * output, which grows until its process ends.
   */
  made: string;
  /** The process in the run's lock; undefined if there is no lock. */
  writer: LockOwnerState | undefined;
}

/**
 * Checks a folder, reading only its lock.
 *
 * @returns undefined if it is not a run
 */
export async function stampRun(folder: string): Promise<RunStamp | undefined> {
  // A finished run has few of these files; listing the folder is cheaper than checking each.
  const names = await namesIn(folder);
  const plain = async (name: string): Promise<Stats | undefined> =>
    names.includes(name) ? plainFile(join(folder, name)) : undefined;
  const [config, events, summary, lock, output] = await Promise.all(
    ['config.json', 'events.jsonl', 'summary.json', 'lock', OUTPUT_FILE].map(plain),
  );
  if (!config && !events) return undefined;
  const made = summary
    ? [output?.size]
    : await Promise.all(['models', 'predictions'].map((name) => changeOf(join(folder, name))));
  const owner = lock && parseLockOwner(await readSmallJson(MAX_LOCK, folder, 'lock'));
  return { config, events, summary, made: made.join(' '), writer: owner && lockOwnerState(owner) };
}

/** When an entry of a folder was last added or removed; 0 if there is no folder. */
async function changeOf(folder: string): Promise<number> {
  const info = await factsOf(folder);
  return info?.isDirectory() ? info.mtimeMs : 0;
}

/** Whether two stamps have the same unchanged files and the same state of the process. */
export function sameStamp(a: RunStamp, b: RunStamp): boolean {
  if (a.writer !== b.writer || a.made !== b.made) return false;
  return (['config', 'events', 'summary'] as const).every((name) => {
    const [one, other] = [a[name], b[name]];
    return one?.size === other?.size && one?.mtimeMs === other?.mtimeMs && one?.ino === other?.ino;
  });
}

/**
 * Reads the table row of a run: its configuration, both ends of its log, and its scores.
 *
 * @param scores those of its summary; without them, the arms of the configuration have no
 * accuracies
 */
export async function readRow(
  id: string,
  folder: string,
  stamp: RunStamp,
  { now, scores }: { now: number; scores: ArmScore[] },
): Promise<RunRow> {
  const [config, log] = await Promise.all([
    readSmallJson(MAX_CONFIG, folder, 'config.json'),
    readEnds(folder),
  ]);
  const updated = Math.max(
    stamp.config?.mtimeMs ?? 0,
    stamp.events?.mtimeMs ?? 0,
    stamp.summary?.mtimeMs ?? 0,
  );
  const last = log.last.findLast(({ type }) => type !== 'warning');
  // A resumed run writes more events after an end event.
  const end =
    last?.type === 'run-end' || last?.type === 'run-failed' || last?.type === 'run-interrupted'
      ? last
      : undefined;
  const status = statusOf(last?.type, stamp, updated, now);
  return {
    id,
    status,
    startedAt: log.startedAt ?? new Date(stamp.config?.mtimeMs ?? updated).toISOString(),
    updatedAt: new Date(updated).toISOString(),
    config: flattenConfig(config),
    scores: scores.length > 0 ? scores : armsOf(config),
    made: stamp.made,
    live: status === 'running' || status === 'silent' ? liveOf(log.last) : null,
    problem: problemOf(config, end),
  };
}

/** A row whose files did not change, but whose run has become silent. */
export function agedRow(row: RunRow, { writer }: RunStamp, now: number): RunRow {
  if (row.status !== 'running' || writer !== 'elsewhere') return row;
  return { ...row, status: statusOf(undefined, { writer }, Date.parse(row.updatedAt), now) };
}

function statusOf(
  lastEvent: unknown,
  { summary, writer = 'gone' }: Partial<Pick<RunStamp, 'summary' | 'writer'>>,
  updatedAt: number,
  now: number,
): RunState {
  const type = typeof lastEvent === 'string' ? lastEvent : undefined;
  return runState({ hasSummary: summary !== undefined, lastEvent: type, writer, updatedAt, now });
}

function problemOf(config: unknown, end: Fields | undefined): string | null {
  if (end?.type === 'run-failed' && typeof end.message === 'string') return end.message;
  return config === undefined ? 'The configuration cannot be read.' : null;
}

async function readEnds(
  folder: string,
): Promise<{ startedAt: string | undefined; last: Fields[] }> {
  const file = await openInside(folder, 'events.jsonl');
  if (!file) return { startedAt: undefined, last: [] };
  try {
    const { handle, info } = file;
    const first = (await readPart(handle, 0, 256)).toString('utf8');
    const start = Math.max(0, info.size - TAIL);
    const lines = (await readPart(handle, start, TAIL)).toString('utf8').split('\n');
    // The text before the first line break is the end of another line.
    if (start > 0) lines.shift();
    return {
      startedAt: /"time":"(\d{4}-[^"]{1,30})"/.exec(first)?.[1],
      last: lines.flatMap(parsedEvent),
    };
  } finally {
    await file.handle.close();
  }
}

function parsedEvent(line: string): Fields[] {
  try {
    const event: unknown = JSON.parse(line);
    return isFields(event) ? [event] : [];
  } catch {
    return [];
  }
}

function liveOf(events: readonly Fields[]): LiveProgress | null {
  const event = events.findLast(({ type }) => type === 'progress');
  if (!event) return null;
  const number = (name: string): number => (typeof event[name] === 'number' ? event[name] : 0);
  return {
    arm: String(event.arm),
    phase: String(event.phase),
    epoch: number('epoch'),
    epochs: number('epochs'),
    step: number('step'),
    steps: number('steps'),
    etaSeconds: number('etaSeconds'),
    imagesPerSecond: number('imagesPerSecond'),
    rssMb: number('rssMb'),
  };
}

/** The arms of a configuration, which have no accuracies yet. */
function armsOf(config: unknown): ArmScore[] {
  return listOf(fieldsOf(fieldsOf(config).experiment).arms).map((arm) => ({
    arm: String(arm.name),
    accuracy: null,
  }));
}
