import { type FileHandle } from 'node:fs/promises';
import { openInside, plainFile, readPart } from './open-inside.ts';
import { join } from 'node:path';

const CHUNK = 1 << 20;
/** A line of the index is kept for every so many lines of the log. */
const INDEX_EVERY = 512;
/** Longer lines are no events of ours. */
const MAX_LINE = 1 << 20;
const NEWLINE = 10;

export interface ReadLimits {
  maxEvents: number;
  /** At least one line is read, however long. */
  maxBytes: number;
}

/** Part of a log. */
export interface LogPart {
  /** Parsed lines; damaged ones are left out. */
  events: unknown[];
  /** Line to go on from. */
  next: number;
}

/**
 * A run's `events.jsonl`, which may grow while it is read. Only whole lines count, so a line that is half written comes with a later
 * refresh. Lines are counted from 0; in an unharmed log that is the events' own number. Keeps the place of every 512th line, no text.
 */
export class EventLog {
  readonly #folder: string;
  readonly #places: number[] = [0];
  /** Bytes looked at, the unfinished last line included. */
  #position = 0;
  #lines = 0;
  #inode = 0;
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

  /** Grows when the log turns out to be another one than before: replaced, cut, deleted. Lines then count anew. */
  get generation(): number {
    return this.#generation;
  }

  /** Looks for new lines. @returns whether anything changed */
  refresh(): Promise<boolean> {
    this.#refreshing ??= this.#look().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  /** Reads from a line on. */
  async read(from: number, { maxEvents, maxBytes }: ReadLimits): Promise<LogPart> {
    const block = Math.min(Math.floor(from / INDEX_EVERY), this.#places.length - 1);
    const file = from < this.#lines ? await openInside(this.#folder, 'events.jsonl') : undefined;
    if (!file) return { events: [], next: from };
    const last = Math.min(this.#lines, from + maxEvents);
    const part: LogPart = { events: [], next: from };
    let line = block * INDEX_EVERY;
    let bytes = 0;
    try {
      for await (const text of linesFrom(file.handle, this.#places[block]!)) {
        if (line >= last || (bytes > maxBytes && line > from)) break;
        if (line++ < from) continue;
        part.next = line;
        if (text === undefined) continue;
        bytes += text.length;
        const event = parsed(text);
        if (event !== undefined) part.events.push(event);
      }
    } finally {
      await file.handle.close();
    }
    return part;
  }

  async #look(): Promise<boolean> {
    const info = await plainFile(join(this.#folder, 'events.jsonl'));
    if (!info) return this.#position > 0 ? this.#reset(0) : false;
    const replaced = info.ino !== this.#inode || info.size < this.#position;
    if (!replaced && info.size === this.#position) return false;
    if (replaced) this.#reset(info.ino);
    const file = await openInside(this.#folder, 'events.jsonl');
    if (!file) return replaced;
    const before = this.#lines;
    try {
      await this.#count(file.handle);
    } finally {
      await file.handle.close();
    }
    return replaced || this.#lines > before;
  }

  async #count(handle: FileHandle): Promise<void> {
    for (;;) {
      const chunk = await readPart(handle, this.#position, CHUNK);
      for (let i = chunk.indexOf(NEWLINE); i !== -1; i = chunk.indexOf(NEWLINE, i + 1)) {
        if (++this.#lines % INDEX_EVERY === 0) this.#places.push(this.#position + i + 1);
      }
      this.#position += chunk.length;
      if (chunk.length < CHUNK) return;
    }
  }

  #reset(inode: number): true {
    // The first look is no change of the log.
    if (this.#position > 0) this.#generation++;
    this.#inode = inode;
    this.#position = 0;
    this.#lines = 0;
    this.#places.length = 1;
    return true;
  }
}

/** Whole lines from a place on; undefined for one that is too long. */
async function* linesFrom(handle: FileHandle, start: number): AsyncGenerator<string | undefined> {
  let place = start;
  let rest: Buffer = Buffer.alloc(0);
  let tooLong = false;
  for (;;) {
    const chunk = await readPart(handle, place, CHUNK / 4);
    if (chunk.length === 0) return;
    place += chunk.length;
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let i = bytes.indexOf(NEWLINE); i !== -1; i = bytes.indexOf(NEWLINE, from)) {
      yield tooLong ? undefined : bytes.toString('utf8', from, i);
      tooLong = false;
      from = i + 1;
    }
    rest = bytes.subarray(from);
    if (rest.length > MAX_LINE) {
      tooLong = true;
      rest = Buffer.alloc(0);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
