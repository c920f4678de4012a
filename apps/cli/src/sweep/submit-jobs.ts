import { counted } from '@fixres/runs/report';
import type { Terminal } from '../terminal/terminal.ts';
import { jobsOf } from './backend.ts';
import { backends } from './backends.ts';
import type { SweepBackend } from './backend-names.ts';
import type { Submission } from './sweep-plan.ts';

/**
 * Submits the trials, or workers, of a submission to its scheduler, and says so.
 *
 * @param folder of the sweep, absolute
 */
export async function submitJobs(
  submission: Submission & { on: Exclude<SweepBackend, 'local'> },
  folder: string,
  terminal: Terminal,
): Promise<void> {
  const { name, on, workers } = submission;
  await backends[on].submit(submission, folder);
  const jobs = counted(jobsOf(submission).length, workers === undefined ? 'trial' : 'worker');
  terminal.line(`Submitted ${jobs} to ${on} as ${name}.`);
  const note = backends[on].note?.(submission);
  if (note !== undefined) terminal.line(note);
}
