import { join } from 'node:path';
import { type RunEvent, settledEvents } from '@fixres/runs';
import { readEvents } from '@fixres/runs/read';

/**
 * The accuracy of a run's arm after a number of epochs, on the images that the run evaluates on.
 *
 * @param run its folder
 * @returns undefined if the arm is not saved with so many epochs; null if its loss became infinite or not a
 * number before
 */
export async function rungValue(run: string, epochs: number): Promise<number | null | undefined> {
  const all: RunEvent[] = [];
  try {
    await readEvents(join(run, 'events.jsonl'), (event) => {
      if (event.type !== 'progress') all.push(event);
    });
  } catch (error) {
    // The run has not begun.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const events = settledEvents(all);
  const isSaved = events.some((event) => event.type === 'checkpoint' && event.epoch >= epochs);
  const epoch = events.findLast((event) => event.type === 'epoch' && event.epoch === epochs - 1);
  if (isSaved && epoch?.type === 'epoch') return epoch.heldOutAccuracy;
  const end = events.findLast(({ type }) => type !== 'warning');
  return end?.type === 'run-failed' && end.code === 'non-finite-loss' ? null : undefined;
}
