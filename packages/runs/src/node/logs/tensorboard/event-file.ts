import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { AppendFile } from '../../files/append-file.ts';
import { writeFailed } from '../../files/write-failed.ts';
import { type EventContent, eventRecord, fileVersion, restart } from './event-record.ts';

/** Prefix of the names of event files; seconds since 1970 follow. */
const PREFIX = 'events.out.tfevents.';

/** A file of TensorBoard events. Written at once, so that a running TensorBoard shows it. All methods throw FixresRunsError `write-failed`. */
export class EventFile {
  readonly #file: AppendFile;

  /**
   * @param run the folder of the run
   * @param folder one per line in TensorBoard's charts, within the run's; other files in it are
   * continued
   * @param from number of the first step; TensorBoard drops that step and later ones from earlier
   * files
   */
  constructor(run: string, folder: string, from: number) {
    const seconds = startOf(run, folder);
    this.#file = new AppendFile(
      run,
      join(folder, `${PREFIX}${seconds}.${hostname()}.${process.pid}.${from}`),
    );
    try {
      this.write(0, fileVersion);
      this.write(from, restart);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  write(step: number, content: EventContent): void {
    this.#file.append(eventRecord(Date.now() / 1000, step, content));
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * Creates the folder, and returns the time for a new file's name. TensorBoard reads the files in
 * the order of their names.
 */
function startOf(run: string, folder: string): number {
  try {
    // Not those above: a run folder that was removed is not made again.
    for (const each of [dirname(folder), folder]) if (!existsSync(each)) mkdirSync(each);
    const earlier = readdirSync(folder).flatMap((name) =>
      name.startsWith(PREFIX) ? [parseInt(name.slice(PREFIX.length), 10)] : [],
    );
    // Later than all existing files, whatever the clock shows: a run may be resumed within a
    // second, or on another machine.
    return Math.max(
      Math.floor(Date.now() / 1000),
      ...earlier.filter(Number.isFinite).map((seconds) => seconds + 1),
    );
  } catch (cause) {
    throw writeFailed({ run, what: relative(run, folder) }, cause);
  }
}
