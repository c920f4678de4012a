import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent } from '../../events/events.ts';

/**
 * The last events of a run are within this number of bytes; the log of a long run has hundreds of
 * megabytes before them.
 */
const TAIL = 64 << 10;

/** The first event of a run's log and its last ones. */
export interface LogEnds {
  first: RunEvent | undefined;
  /** In order; damaged or incomplete lines are skipped. */
  last: RunEvent[];
}

/** @param folder of the run; without a log, it has no events */
export async function readLogEnds(folder: string): Promise<LogEnds> {
  const handle = await open(join(folder, 'events.jsonl')).catch(() => undefined);
  if (handle === undefined) return { first: undefined, last: [] };
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(size - start),
      0,
      size - start,
      start,
    );
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    // The text before the first line break is the end of a line that starts earlier.
    if (start > 0) lines.shift();
    return { first: parsed(await firstLine(handle))[0], last: lines.flatMap(parsed) };
  } finally {
    await handle.close();
  }
}

/**
 * In pieces, not as a stream: under yarn's Plug'n'Play, the stream of a file handle closes the
 * file, and the handle then cannot.
 */
async function firstLine(handle: FileHandle): Promise<string> {
  const pieces: Buffer[] = [];
  for (let place = 0; ;) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(TAIL), 0, TAIL, place);
    const piece = buffer.subarray(0, bytesRead);
    const end = piece.indexOf('\n');
    pieces.push(end === -1 ? piece : piece.subarray(0, end));
    if (end !== -1 || bytesRead === 0) return Buffer.concat(pieces).toString('utf8');
    place += bytesRead;
  }
}

function parsed(line: string): RunEvent[] {
  try {
    const event = JSON.parse(line) as RunEvent | null;
    return typeof event?.type === 'string' ? [event] : [];
  } catch {
    return [];
  }
}
