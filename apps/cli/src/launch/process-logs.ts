import { mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';

/**
 * A log of each process but the first: what it prints. Logs are appended to, so they also have what processes
 * printed before they were started again.
 */
export class ProcessLogs {
  /** Open files by rank. */
  readonly files: ReadonlyMap<number, number>;

  /** @throws ExitError if the folder cannot be written */
  constructor(folder: string, processes: number) {
    try {
      mkdirSync(folder, { recursive: true });
      this.files = new Map(
        Array.from({ length: processes - 1 }, (_, i) => [
          i + 1,
          openSync(join(folder, `process-${i + 1}.log`), 'a'),
        ]),
      );
    } catch (error) {
      throw new ExitError(
        exitCodes.usage,
        `error: Option --log-dir is "${folder}", which cannot be written (${(error as Error).message}).`,
      );
    }
  }

  /** Notes that all processes start. @param restarts how often they were started before */
  begin(restarts: number, words: readonly string[]): void {
    const again = restarts === 0 ? '' : ` again (${restarts})`;
    for (const rank of this.files.keys())
      this.add(rank, `# ${new Date().toISOString()} started${again}: ${words.join(' ')}`);
  }

  /** Adds a line to a log. */
  add(rank: number, line: string): void {
    const file = this.files.get(rank);
    if (file !== undefined) writeSync(file, `${line}\n`);
  }
}
