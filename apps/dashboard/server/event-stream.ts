import type { SSEStreamingApi } from 'hono/streaming';
import type { EventsMessage, ResetMessage, RowsMessage } from '../shared/protocol.ts';
import type { EventLog } from './event-log.ts';
import type { RunWatcher } from './runs/run-watcher.ts';

/** Proxies and browsers drop silent connections. */
const PING_EVERY = 15_000;
const PART = { maxEvents: 512, maxBytes: 256 << 10 };

/**
 * Position of a client: version of the runs table, and a line for each run that it follows, in the
 * client's order.
 */
export interface StreamPosition {
  boot: string | undefined;
  version: number;
  lines: number[];
}

/** The id of a message, from which a client resumes: `<boot>.<version>.<line>.<line>…`. */
function formatPosition({ boot, version, lines }: StreamPosition): string {
  return [boot ?? '', version, ...lines].join('.');
}

/** @returns undefined if it is not a position for this number of runs */
export function parsePosition(text: string, runs: number): StreamPosition | undefined {
  const [boot, ...numbers] = text.split('.');
  if (numbers.length !== runs + 1 || !numbers.every((number) => /^\d{1,15}$/.test(number)))
    return undefined;
  const [version, ...lines] = numbers.map(Number);
  return { boot: boot === '' ? undefined : boot, version: version!, lines };
}

/** Sends changes of the runs table and the events of some runs until the client leaves. */
export async function streamEvents(
  stream: SSEStreamingApi,
  watcher: RunWatcher,
  runs: readonly string[],
  start: StreamPosition,
): Promise<void> {
  const position = { ...start, lines: [...start.lines] };
  const { logs, leave } = watcher.watch(runs);
  const generations = logs.map((log) => log?.generation);
  const gone = new AbortController();
  stream.onAbort(() => gone.abort());
  const send = (event: string, data: RowsMessage | EventsMessage | ResetMessage): Promise<void> =>
    stream.writeSSE({ event, data: JSON.stringify(data), id: formatPosition(position) });

  try {
    await stream.write('retry: 1000\n\n');
    await Promise.all(logs.flatMap((log) => log?.refresh() ?? []));
    while (!gone.signal.aborted) {
      // Read before refreshing, so that no change in between is missed.
      const { changes } = watcher;
      let sent = false;
      const rows = watcher.rowsSince(position.boot, position.version);
      if (rows) {
        position.boot = rows.boot;
        position.version = rows.version;
        await send('rows', rows);
        sent = true;
      }
      for (const [i, run] of runs.entries()) {
        const log = logs[i];
        if (log && (await sendPart(run, i, log))) sent = true;
      }
      if (sent) continue;
      if (!(await watcher.changedSince(changes, PING_EVERY, gone.signal)))
        await stream.write(': still here\n\n');
    }
  } finally {
    leave();
    gone.abort();
  }

  async function sendPart(run: string, i: number, log: EventLog): Promise<boolean> {
    // Lines that are not counted yet do not mean that the log was truncated.
    const isCut = position.lines[i]! > log.lines && !log.isBehind;
    if (log.generation !== generations[i] || isCut) {
      generations[i] = log.generation;
      position.lines[i] = 0;
      await send('reset', { run });
      return true;
    }
    const from = position.lines[i]!;
    if (from >= log.lines) return false;
    const { events, next } = await log.read(from, PART);
    if (next === from) return false;
    position.lines[i] = next;
    await send('events', { run, from, next, events });
    return true;
  }
}
