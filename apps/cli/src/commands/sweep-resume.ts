import { resolve } from 'node:path';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { readSweep } from '../sweep/sweep-folder.ts';
import { submitTrials } from '../sweep/submit-trials.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Submits the trials of a sweep that have no result, as they were submitted last. */
export async function sweepResume(
  folder: string,
  { json = false, quiet }: { json?: boolean; quiet?: boolean },
): Promise<void> {
  const plan = await readSweep(folder);
  const last = plan.submissions.at(-1);
  if (last === undefined)
    throw new ExitError(
      exitCodes.usage,
      `error: The trials in "${folder}" were never submitted. Submit them with: fixres sweep start`,
    );
  const { on, job } = last;
  await submitTrials(plan, {
    folder: resolve(folder),
    on,
    job,
    json,
    terminal: new Terminal({ quiet }),
  });
}
