import type { RunEvent } from '../events/events.ts';
import { readLines } from './files/read-lines.ts';

/**
 * Reads an event log of any length, event by event, like `parseEvents` for one that fits into a
 * string: an incomplete last line after a crash is left out; a damaged line before it is an error.
 *
 * @throws SyntaxError naming the line; Error of the file system if the file cannot be read
 */
export async function readEvents(file: string, onEvent: (event: RunEvent) => void): Promise<void> {
  let number = 0;
  await readLines(file, (line, whole) => {
    number += 1;
    let event: RunEvent;
    try {
      event = JSON.parse(line) as RunEvent;
    } catch (cause) {
      // The writer was interrupted in the middle of the line.
      if (!whole) return;
      throw new SyntaxError(`Event log line ${number} is not JSON.`, { cause });
    }
    onEvent(event);
  });
}
