import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { type RunEvent, settledEvents } from '../../events/events.ts';
import { AppendFile } from '../files/append-file.ts';
import { writeFailed } from '../files/write-failed.ts';
import type { RunLog } from './run-log.ts';

const COLUMNS = 'arm,seed,epoch,loss,accuracy,held_out_accuracy,seconds,images_per_second';

/**
 * A table with a line for each epoch, numbered from 1.
 *
 * @param file in the folder of a run; it is written anew
 * @param earlier events of a run that goes on, the latest `run-resumed` included
 * @throws FixresRunsError `write-failed`, as its methods do
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

/** Aside first: where there is no room for a new table, the old one stays. */
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
