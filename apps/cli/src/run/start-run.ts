import { type DatasetWords, runSession, type SessionPlan } from '@fixres/runner/node';
import type { Terminal } from '../terminal/terminal.ts';
import { conductInTerminal } from './conduct-in-terminal.ts';
import type { ResultForm } from './output-options.ts';

export interface StartRunOptions {
  out: string;
  form: ResultForm;
  /** Default: those of commands with options. */
  words?: DatasetWords | undefined;
  terminal: Terminal;
}

/** Begins a run in a new folder, and prints its result. */
export async function startRun(
  plan: SessionPlan,
  { out, form, words, terminal }: StartRunOptions,
): Promise<void> {
  await conductInTerminal((session) => runSession(plan, { folder: out, words, ...session }), {
    folder: out,
    form,
    terminal,
  });
}
