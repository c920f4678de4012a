import { randomUUID } from 'node:crypto';
import type { RowsMessage } from '../../shared/protocol.ts';
import { EventLog } from '../event-log.ts';
import type { RunIndex } from './run-index.ts';

/**
 * Number of logs kept open in addition to followed ones, so that returning to a run does not read
 * its log again.
 */
const SPARE_LOGS = 16;

interface WatchedLog {
  log: EventLog;
  users: number;
}

/** What a client follows. */
export interface Watching {
  /** In the order of the runs; undefined for one that is not in the table. */
  logs: (EventLog | undefined)[];
  leave: () => void;
}

export interface RunWatcherOptions {
  /** Milliseconds between refreshes of followed logs. */
  logsEvery?: number;
  /** Milliseconds between refreshes of the runs folder, while there are clients. */
  runsEvery?: number;
}

/**
 * Refreshes files for all clients together, so that fifty clients cost the same as one, and none
 * cost nothing. Clients are notified and fetch the changes at their own pace, so nothing
 * accumulates for a slow one.
 */
export class RunWatcher {
  readonly boot: string = randomUUID().slice(0, 8);
  readonly index: RunIndex;
  readonly #logs = new Map<string, WatchedLog>();
  readonly #logsEvery: number;
  readonly #runsEvery: number;
  readonly #wakers = new Set<() => void>();
  #clients = 0;
  #timer: NodeJS.Timeout | undefined;
  #runsSeen = 0;
  #changes = 0;

  constructor(index: RunIndex, { logsEvery = 250, runsEvery = 1500 }: RunWatcherOptions = {}) {
    this.index = index;
    this.#logsEvery = logsEvery;
    this.#runsEvery = runsEvery;
  }

  /** Number of connected clients. */
  get clients(): number {
    return this.#clients;
  }

  /** Keeps refreshing some runs until the client leaves. */
  watch(runs: readonly string[]): Watching {
    this.#clients++;
    const watched = runs.map((run) => {
      const each = this.#watched(run);
      // At once: the log of the next run could evict one without users, and an evicted one is never
      // refreshed again.
      if (each) each.users++;
      return each;
    });
    this.#schedule();
    let isHere = true;
    return {
      logs: watched.map((each) => each?.log),
      leave: () => {
        if (!isHere) return;
        isHere = false;
        this.#clients--;
        for (const each of watched) if (each) each.users--;
        this.#forgetSpare();
      },
    };
  }

  /** The log of a run in the table, refreshed only while a client follows it. */
  log(run: string): EventLog | undefined {
    return this.#watched(run)?.log;
  }

  rowsSince(boot: string | undefined, version: number): RowsMessage | undefined {
    const { index } = this;
    if (boot !== this.boot)
      return {
        boot: this.boot,
        version: index.version,
        whole: true,
        rows: index.rows,
        removed: [],
      };
    if (version >= index.version) return undefined;
    return {
      boot: this.boot,
      version: index.version,
      whole: false,
      ...index.changesSince(version),
    };
  }

  /** Number of refreshes that found a change. */
  get changes(): number {
    return this.#changes;
  }

  /**
   * Waits until a refresh finds something after `changes`, for at most `milliseconds`.
   *
   * @returns whether it did
   */
  async changedSince(changes: number, milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || changes !== this.#changes) return true;
    return new Promise<boolean>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(done);
        signal.removeEventListener('abort', done);
        resolve(changes !== this.#changes);
      };
      const timer = setTimeout(done, milliseconds);
      this.#wakers.add(done);
      signal.addEventListener('abort', done);
    });
  }

  close(): void {
    this.index.close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#clients = 0;
    this.#wake();
  }

  #watched(run: string): WatchedLog | undefined {
    const folder = this.index.folderOf(run);
    const known = this.#logs.get(run);
    // A deleted run stays watched for its followers: its log is then empty.
    if (known || folder === undefined) return known;
    const watched: WatchedLog = { log: new EventLog(folder), users: 0 };
    this.#logs.set(run, watched);
    this.#forgetSpare(run);
    return watched;
  }

  #forgetSpare(keep?: string): void {
    const spare = [...this.#logs].filter(([run, { users }]) => users === 0 && run !== keep);
    for (const [run] of spare.slice(0, Math.max(0, spare.length - SPARE_LOGS)))
      this.#logs.delete(run);
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#clients === 0) return;
    this.#timer = setTimeout(() => {
      void this.#look().finally(() => {
        this.#timer = undefined;
        this.#schedule();
      });
    }, this.#logsEvery);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const now = performance.now();
    const looks = [...this.#logs.values()]
      .filter(({ users }) => users > 0)
      .map(({ log }) => log.refresh());
    if (now - this.#runsSeen >= this.#runsEvery) {
      this.#runsSeen = now;
      looks.push(this.index.refresh());
    }
    // A file that cannot be read now is retried.
    const changes = await Promise.allSettled(looks);
    if (changes.some((change) => change.status === 'fulfilled' && change.value)) this.#wake();
  }

  #wake(): void {
    this.#changes++;
    for (const wake of [...this.#wakers]) wake();
  }
}
