import { resumeSession } from '@fixres/runner/node';
import { conductInTerminal } from '../run/conduct-in-terminal.ts';
import { resultForm, type RunOutputOptions, runTerminal } from '../run/output-options.ts';

/** Options of `fixres resume`, as the command line gives them. */
export interface ResumeOptions extends RunOutputOptions {
  data?: string;
}

/** Resumes a run that was interrupted, failed or crashed, and prints its result. */
export async function resume(folder: string, options: ResumeOptions): Promise<void> {
  await conductInTerminal(
    (session) => resumeSession(folder, { data: options.data, variables: process.env, ...session }),
    { folder, form: resultForm(options), terminal: runTerminal(options) },
  );
}
