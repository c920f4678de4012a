import { appendFileSync, writeFileSync } from 'node:fs';
import { type RunEvent, settledEvents } from '../../events.ts';
import type { RunLog } from './run-log.ts';

const COLUMNS = 'arm,seed,epoch,loss,accuracy,held_out_accuracy,seconds,images_per_second';

/**
 * A table with a line for each epoch, numbered from 1.
 *
 * @param file is written anew
 * @param earlier events of a run that goes on, the latest `run-resumed` included
 */
export function csvLog(file: string, earlier: readonly RunEvent[]): RunLog {
  writeFileSync(file, `${COLUMNS}\n${settledEvents(earlier).map(line).join('')}`);
  return {
    onEvent: (event) => {
      if (event.type === 'epoch') appendFileSync(file, line(event));
    },
  };
}

function line(event: RunEvent): string {
  if (event.type !== 'epoch') return '';
  const { arm, seed, epoch, loss, accuracy, heldOutAccuracy, seconds, imagesPerSecond } = event;
  return `${[arm, seed, epoch + 1, loss, accuracy, heldOutAccuracy, seconds, imagesPerSecond].join(',')}\n`;
}
