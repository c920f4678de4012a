import type { RunEvent } from '../events/events.ts';
import { readLines } from './files/read-lines.ts';

/**
 * Reads an event log of any length, event by event, as `parseEvents` reads one that fits into a string: a last line cut short by a crash
 * is left out; a damaged line before that is an error.
 *
 * @throws SyntaxError naming the line; Error of the file system when the file cannot be read
 */
export async function readEvents(file: string, onEvent: (event: RunEvent) => void): Promise<void> {
  let number = 0;
  await readLines(file, (line, whole) => {
    number += 1;
    let event: RunEvent;
    try {
      event = JSON.parse(line) as RunEvent;
    } catch (cause) {
      // The writer was stopped in the middle of the line.
      if (!whole) return;
      throw new SyntaxError(`Event log line ${number} is not JSON.`, { cause });
    }
    onEvent(event);
  });
}
