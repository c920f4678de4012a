import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { inLanes } from '@fixres/data/node';
import type { RowsMessage, RunRow } from '../../shared/protocol.ts';
import { agedRow, readRow, type RunStamp, sameStamp, stampRun } from './run-row.ts';
import { LargeSummaries } from '../summary/large-summaries.ts';
import { readScores } from '../summary/read-summary.ts';

/** Maximum depth of nested folders with runs. */
const MAX_DEPTH = 3;
/**
 * Maximum number of folders in one pass, so that the root of a disk as runs folder does not stall
 * the server.
 */
const MAX_FOLDERS = 20_000;
const LANES = 32;

interface Entry {
  folder: string;
  stamp: RunStamp;
  row: RunRow;
  /** Whether the scores of a large summary are not read yet. */
  lacksScores: boolean;
  /** Version of the table in which the row last changed. */
  version: number;
}

/**
 * The runs in a folder. A refresh compares sizes and times of files and reads only the ends of
 * changed files, so it is cheap for thousands of runs of any size. Links are not followed.
 */
export class RunIndex {
  readonly #root: string;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #large = new LargeSummaries();
  #removed: { id: string; version: number }[] = [];
  #version = 0;
  #refreshing: Promise<boolean> | undefined;

  constructor(root: string, { now = Date.now }: { now?: () => number } = {}) {
    this.#root = resolve(root);
    this.#now = now;
  }

  get version(): number {
    return this.#version;
  }

  /** Rows in no particular order. */
  get rows(): RunRow[] {
    return Array.from(this.#entries.values(), ({ row }) => row);
  }

  /** Folder of a run in the table. The only way from a request to a path. */
  folderOf(id: string): string | undefined {
    return this.#entries.get(id)?.folder;
  }

  /** Whether the folder is that of a single run, so it cannot contain others. */
  get isSingle(): boolean {
    return [...this.#entries.values()].some(({ folder }) => folder === this.#root);
  }

  row(id: string): RunRow | undefined {
    return this.#entries.get(id)?.row;
  }

  /** Checks every run. @returns whether the table changed */
  refresh(): Promise<boolean> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  /** Stops reading: nothing new is started. */
  close(): void {
    this.#large.close();
  }

  /** Changes after a version. */
  changesSince(version: number): Pick<RowsMessage, 'rows' | 'removed'> {
    const rows = [...this.#entries.values()]
      .filter((entry) => entry.version > version)
      .map(({ row }) => row);
    const removed = this.#removed.filter((each) => each.version > version).map(({ id }) => id);
    return { rows, removed };
  }

  async #refresh(): Promise<boolean> {
    const next = this.#version + 1;
    const found = await this.#findRuns();
    let changed = false;
    await inLanes(found, LANES, async ({ id, folder, stamp }) => {
      const known = this.#entries.get(id);
      const isSame = known !== undefined && sameStamp(known.stamp, stamp);
      const entry = isSame ? this.#later(known, stamp) : await this.#read(id, folder, stamp);
      if (entry === known) return;
      this.#entries.set(id, { ...entry, version: next });
      changed = true;
    });
    const present = new Set(found.map(({ id }) => id));
    for (const id of this.#entries.keys()) {
      if (present.has(id)) continue;
      this.#entries.delete(id);
      this.#removed.push({ id, version: next });
      changed = true;
    }
    this.#removed = this.#removed.filter(({ id }) => !this.#entries.has(id)).slice(-10_000);
    if (changed) this.#version = next;
    return changed;
  }

  async #read(id: string, folder: string, stamp: RunStamp): Promise<Omit<Entry, 'version'>> {
    const { summary } = stamp;
    const isLarge = summary !== undefined && this.#large.isLarge(summary);
    const scores = isLarge
      ? this.#large.take(folder, summary)
      : summary
        ? await readScores(folder)
        : [];
    return {
      folder,
      stamp,
      row: await readRow(id, folder, stamp, { now: this.#now(), scores: scores ?? [] }),
      lacksScores: scores === undefined,
    };
  }

  /**
   * The entry of a run whose files did not change: adds scores that were read since, and changes
   * that depend only on time.
   */
  #later(known: Entry, stamp: RunStamp): Entry {
    const row = agedRow(known.row, stamp, this.#now());
    const scores =
      known.lacksScores && stamp.summary
        ? this.#large.take(known.folder, stamp.summary)
        : undefined;
    if (scores)
      return { ...known, row: scores.length > 0 ? { ...row, scores } : row, lacksScores: false };
    return row === known.row ? known : { ...known, row };
  }

  async #findRuns(): Promise<{ id: string; folder: string; stamp: RunStamp }[]> {
    const runs: { id: string; folder: string; stamp: RunStamp }[] = [];
    let level = [{ id: '', folder: this.#root }];
    let looked = 0;
    // The name of the run if the folder is that of a single run. Not a dot, because URLs cannot
    // contain such a name.
    const own = basename(this.#root) || 'run';
    for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
      const below: typeof level = [];
      const taken = level.slice(0, Math.max(0, MAX_FOLDERS - looked));
      await inLanes(taken, LANES, async ({ id, folder }) => {
        const stamp = await stampRun(folder);
        if (stamp) runs.push({ id: id || own, folder, stamp });
        else below.push(...(await foldersIn(id, folder)));
      });
      looked += taken.length;
      level = below;
    }
    return runs;
  }
}

/** Links to folders and hidden folders are skipped. */
async function foldersIn(id: string, folder: string): Promise<{ id: string; folder: string }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter(
      (entry) =>
        entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules',
    )
    .map(({ name }) => ({ id: id === '' ? name : `${id}/${name}`, folder: join(folder, name) }));
}
