import { batch, signal } from '@preact/signals';
import { Curves, type CurvesJson } from '../../../shared/curves.ts';
import { MAX_DRAWN_POINTS } from '../../../shared/limits.ts';
import { unpackRows } from '../../../shared/packed-rows.ts';
import type {
  EventsMessage,
  ResetMessage,
  RowsMessage,
  RunRow,
  RunsAnswer,
} from '../../../shared/protocol.ts';
import { fetchCurves, fetchRuns } from '../api.ts';
import { CurveLoader } from './curve-loader.ts';

/** Runs by id. A new map whenever anything changes. */
export const runs = signal<ReadonlyMap<string, RunRow>>(new Map());

/** Whether the table has been loaded; until then it is unknown whether there are runs. */
export const loaded = signal(false);

/** `waiting`: the connection was lost and is being retried. */
export const connection = signal<'starting' | 'live' | 'waiting'>('starting');

/** Whether the server starts, stops and resumes runs. */
export const canControl = signal(false);

/** Why nothing can be shown. */
export const failure = signal<string | null>(null);

interface FollowedRun {
  curves: Curves;
  next: number;
}

const followed = new Map<string, FollowedRun>();

/**
 * A new map whenever curves have grown. The curves themselves are changed in place, because copies
 * would cost more.
 */
const shownCurves = signal<ReadonlyMap<string, Curves>>(new Map());

let announced: ReturnType<typeof setTimeout> | undefined;

/**
 * Publishes that curves have grown, at most ten times per second, so that the replay of a long log
 * does not redraw for every part. With many runs, of which one always grows, at most once per
 * second.
 */
function announceCurves(): void {
  announced ??= setTimeout(
    () => {
      announced = undefined;
      shownCurves.value = new Map(Array.from(followed, ([run, { curves }]) => [run, curves]));
    },
    followed.size > 12 ? 1000 : 100,
  );
}

/** The curves of a followed run; undefined until they are loaded. */
export function curvesOf(run: string): Curves | undefined {
  return shownCurves.value.get(run);
}

/** The last line of a followed run's log in its curves; 0 until they are loaded. */
export function lineOf(run: string): number {
  return followed.get(run)?.next ?? 0;
}

/** In the detail that is sent, however long they grow. */
function drawnCurves(json?: CurvesJson): Curves {
  return new Curves(json, { maxPoints: MAX_DRAWN_POINTS });
}

let boot = '';
let version = 0;
let source: EventSource | undefined;
/** The runs in the current stream. */
let carried = '';
let wanted: readonly string[] = [];
let retry: ReturnType<typeof setTimeout> | undefined;
let reopening: ReturnType<typeof setTimeout> | undefined;

const loader = new CurveLoader(async (run) => {
  const { curves, next } = await fetchCurves(run);
  if (!wanted.includes(run)) return;
  followed.set(run, { curves: drawnCurves(curves), next });
  announceCurves();
  reopenSoon();
});

/** Loads the table and follows it. */
export async function startLive(): Promise<void> {
  document.addEventListener('visibilitychange', openStream);
  await loadTable();
}

async function loadTable(): Promise<void> {
  try {
    const first = await fetchRuns();
    batch(() => {
      runs.value = withRows(new Map(), first);
      loaded.value = true;
      canControl.value = first.control;
      failure.value = null;
    });
    for (let { next } = first; next !== null;) {
      const page = await fetchRuns(next);
      runs.value = withRows(runs.value, page);
      ({ next } = page);
    }
    // The stream reports changes during the loading of pages, because it starts from the first
    // page.
    ({ boot, version } = first);
    openStream();
  } catch (error) {
    failure.value = (error as Error).message;
    retry = setTimeout(() => void loadTable(), 2000);
  }
}

function withRows(known: ReadonlyMap<string, RunRow>, page: RunsAnswer): Map<string, RunRow> {
  return new Map([...known, ...unpackRows(page).map((row) => [row.id, row] as const)]);
}

/** Follows the curves of these runs and of no others. */
export function followCurves(ids: readonly string[]): void {
  wanted = [...ids];
  for (const id of followed.keys()) if (!wanted.includes(id)) followed.delete(id);
  loader.want(wanted);
  reopenSoon();
}

/**
 * Reopens the stream soon when its contents must change, once for everything that is loaded at
 * about the same time.
 */
function reopenSoon(): void {
  reopening ??= setTimeout(() => {
    reopening = undefined;
    if ([...followed.keys()].join('\n') !== carried) openStream();
  }, 200);
}

/**
 * One stream carries the table and all followed runs; it is reopened at its last position when
 * these change. A hidden tab has no stream: browsers allow six connections per host, and a seventh
 * tab would wait forever.
 */
function openStream(): void {
  source?.close();
  // Until the table is loaded, loading it is retried; another view does not stop that.
  if (boot === '') return;
  clearTimeout(retry);
  if (document.visibilityState === 'hidden') return;
  const ids = [...followed.keys()];
  carried = ids.join('\n');
  const query = new URLSearchParams(ids.map((id) => ['run', id]));
  query.set('from', [boot, version, ...ids.map((id) => followed.get(id)!.next)].join('.'));
  const opened = new EventSource(`/api/stream?${query.toString()}`);
  source = opened;
  opened.onopen = () => (connection.value = 'live');
  opened.onerror = () => {
    connection.value = 'waiting';
    // The browser reconnects on its own after a lost connection, but not after an error response.
    if (opened.readyState === EventSource.CLOSED) retry = setTimeout(openStream, 2000);
  };
  opened.addEventListener('rows', ({ data }: MessageEvent<string>) =>
    applyRows(JSON.parse(data) as RowsMessage),
  );
  opened.addEventListener('events', ({ data }: MessageEvent<string>) =>
    applyEvents(JSON.parse(data) as EventsMessage),
  );
  opened.addEventListener('reset', ({ data }: MessageEvent<string>) =>
    applyReset(JSON.parse(data) as ResetMessage),
  );
}

function applyRows(message: RowsMessage): void {
  ({ boot, version } = message);
  const next = message.whole ? new Map<string, RunRow>() : new Map(runs.value);
  for (const row of message.rows) next.set(row.id, row);
  for (const id of message.removed) next.delete(id);
  runs.value = next;
}

function applyEvents({ run, from, next, events }: EventsMessage): void {
  const known = followed.get(run);
  // Events that were sent before the curves were reloaded are already in them.
  if (known?.next !== from) return;
  for (const event of events) known.curves.add(event);
  known.next = next;
  announceCurves();
}

function applyReset({ run }: ResetMessage): void {
  const known = followed.get(run);
  if (!known) return;
  followed.set(run, { curves: drawnCurves(), next: 0 });
  announceCurves();
}
