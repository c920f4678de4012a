import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { openInside, plainFile, readPart } from './open-inside.ts';
import { readLines } from './read-lines.ts';

const CHUNK = 1 << 20;
/**
 * Bytes read in one refresh. A log of many GB is read in parts, so that clients of other logs do
 * not wait for it.
 */
const MAX_LOOK = 64 << 20;
/** Number of lines of the log per entry of the index. */
const INDEX_EVERY = 512;
/**
 * Longer lines are skipped. In our logs these are only evaluations with very many classes, which
 * are also in the summary.
 */
const MAX_LINE = 1 << 20;
/** The first line contains the names of all classes. */
const MAX_FIRST = 8 << 20;
/** Number of bytes at both ends that identify the log. */
const MARK = 256;
const NEWLINE = 10;

export interface ReadLimits {
  maxEvents: number;
  /** At least one line is read, of any length. */
  maxBytes: number;
}

/** Part of a log. */
export interface LogPart {
  /** Parsed lines; damaged ones are skipped. */
  events: unknown[];
  /** Line from which to continue. */
  next: number;
}

/**
 * A run's `events.jsonl`, which can grow while it is read. Only whole lines count; an incomplete
 * line follows with a later refresh. Lines are counted from 0; in an undamaged log this is the
 * number of the event. Keeps the position of every 512th line, but no text.
 */
export class EventLog {
  readonly #folder: string;
  readonly #places: number[] = [0];
  /** Bytes read, including the unfinished last line. */
  #position = 0;
  #size = 0;
  #lines = 0;
  #inode = 0;
  /** Time of the last write, if the log was read to its end; undefined if it has grown since. */
  #written: number | undefined;
  /** The first and the last bytes that were read. */
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);
  #generation = 0;
  #refreshing: Promise<boolean> | undefined;

  /** @param folder the run's folder */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whole lines so far. */
  get lines(): number {
    return this.#lines;
  }

  /**
   * Increases when the log is no longer the same: replaced, truncated, overwritten or deleted.
   * Lines then count from 0 again.
   */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Whether the last refresh stopped before the end of the log, so that another refresh continues.
   */
  get isBehind(): boolean {
    return this.#position < this.#size;
  }

  /** Reads new lines. @returns whether anything changed, or more can be read */
  refresh(): Promise<boolean> {
    this.#refreshing ??= this.#look().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  /** Reads events, starting at a line. */
  async read(from: number, { maxEvents, maxBytes }: ReadLimits): Promise<LogPart> {
    const block = Math.min(Math.floor(from / INDEX_EVERY), this.#places.length - 1);
    const file = from < this.#lines ? await openInside(this.#folder, 'events.jsonl') : undefined;
    if (!file) return { events: [], next: from };
    const last = Math.min(this.#lines, from + maxEvents);
    const part: LogPart = { events: [], next: from };
    let line = block * INDEX_EVERY;
    let bytes = 0;
    try {
      for await (const text of readLines(file.handle, {
        start: this.#places[block]!,
        maxLine: MAX_LINE,
      })) {
        if (line++ < from) continue;
        part.next = line;
        bytes += text?.length ?? 0;
        const event = text === undefined ? undefined : parsed(text);
        if (event !== undefined) part.events.push(event);
        // Checked here, because reading one more line could reach the end of an incomplete line.
        if (line >= last || bytes > maxBytes) break;
      }
    } finally {
      await file.handle.close();
    }
    return part;
  }

  async #look(): Promise<boolean> {
    const info = await plainFile(join(this.#folder, 'events.jsonl'));
    if (!info) return this.#position > 0 ? this.#reset(0) : false;
    let replaced = info.ino !== this.#inode || info.size < this.#position;
    if (
      !replaced &&
      info.size === this.#position &&
      (this.#written === undefined || this.#written === info.mtimeMs)
    )
      return false;
    const file = await openInside(this.#folder, 'events.jsonl');
    if (!file) {
      if (replaced) this.#reset(info.ino);
      // Otherwise clients that wait for the rest of an unreadable log would wait forever.
      this.#size = this.#position;
      return replaced;
    }
    const before = this.#lines;
    try {
      replaced ||= await this.#isWrittenOver(file.handle);
      if (replaced) this.#reset(info.ino);
      this.#size = info.size;
      await this.#count(file.handle);
      const { size, mtimeMs } = await file.handle.stat();
      this.#written = size === this.#position ? mtimeMs : undefined;
    } finally {
      await file.handle.close();
    }
    return replaced || this.#lines > before || this.isBehind;
  }

  async #count(handle: FileHandle): Promise<void> {
    for (const end = this.#position + MAX_LOOK; this.#position < end;) {
      const chunk = await readPart(handle, this.#position, CHUNK);
      for (let i = chunk.indexOf(NEWLINE); i !== -1; i = chunk.indexOf(NEWLINE, i + 1)) {
        if (++this.#lines % INDEX_EVERY === 0) this.#places.push(this.#position + i + 1);
      }
      this.#mark(chunk);
      this.#position += chunk.length;
      if (chunk.length === CHUNK) continue;
      // The file ends here, whatever it contained before.
      this.#size = this.#position;
      return;
    }
  }

  /**
   * Whether a log that is not shorter than before is a different log. Logs only grow, so both ends
   * of the part that was read must be unchanged; they contain times and numbers of events. The
   * modification time alone is not enough, because some systems set it late.
   */
  async #isWrittenOver(handle: FileHandle): Promise<boolean> {
    const head = await readPart(handle, 0, this.#head.length);
    const tail = await readPart(handle, this.#position - this.#tail.length, this.#tail.length);
    return !head.equals(this.#head) || !tail.equals(this.#tail);
  }

  /** @param chunk the next bytes */
  #mark(chunk: Buffer): void {
    if (this.#head.length < MARK)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, MARK - this.#head.length)]);
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-MARK)]).subarray(-MARK);
  }

  #reset(inode: number): true {
    // The first refresh is not a change of the log.
    if (this.#position > 0) this.#generation++;
    this.#inode = inode;
    this.#position = 0;
    this.#size = 0;
    this.#lines = 0;
    this.#places.length = 1;
    this.#written = undefined;
    [this.#head, this.#tail] = [Buffer.alloc(0), Buffer.alloc(0)];
    return true;
  }
}

/** The first event of a run's log of any length; undefined if there is none yet. */
export async function readFirstEvent(folder: string): Promise<unknown> {
  const file = await openInside(folder, 'events.jsonl');
  if (!file) return undefined;
  try {
    const [line] = await firstOf(readLines(file.handle, { end: MAX_FIRST, maxLine: MAX_FIRST }));
    return line === undefined ? undefined : parsed(line);
  } finally {
    await file.handle.close();
  }
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  for await (const item of items) return [item];
  return [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
