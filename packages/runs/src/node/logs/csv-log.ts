import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { type RunEvent, settledEvents } from '../../events/events.ts';
import { AppendFile } from '../files/append-file.ts';
import { writeFailed } from '../files/write-failed.ts';
import type { RunLog } from './run-log.ts';

const COLUMNS = 'arm,seed,epoch,loss,accuracy,held_out_accuracy,seconds,images_per_second';

/**
 * A table with one line per epoch, numbered from 1.
 *
 * @param file in the folder of a run; it is rewritten
 * @param earlier events of a resumed run, including the latest `run-resumed`
 * @throws FixresRunsError `write-failed`, like its methods
 */
export function csvLog(file: string, earlier: readonly RunEvent[]): RunLog {
  const run = dirname(file);
  begin(run, file, `${COLUMNS}\n${settledEvents(earlier).map(line).join('')}`);
  const table = new AppendFile(run, file);
  return {
    onEvent: (event) => {
      if (event.type === 'epoch') table.append(line(event));
    },
    close: () => table.close(),
  };
}

/** To a temporary file first: without space for a new table, the old one stays. */
function begin(run: string, file: string, content: string): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, content);
    renameSync(partial, file);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw writeFailed({ run, what: relative(run, file) }, cause);
  }
}

function line(event: RunEvent): string {
  if (event.type !== 'epoch') return '';
  const { arm, seed, epoch, loss, accuracy, heldOutAccuracy, seconds, imagesPerSecond } = event;
  return `${[arm, seed, epoch + 1, loss, accuracy, heldOutAccuracy, seconds, imagesPerSecond].join(',')}\n`;
}
