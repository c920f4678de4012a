import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ClusterChoice, ResumeSessionOptions } from '@fixres/runner/node';
import type { Summary } from '@fixres/runs';
import { shellCommand } from '@fixres/runs/node';
import { summaryText } from '@fixres/runs/report';
import { interruptible } from '../terminal/interruptible.ts';
import { resultWidth } from '../terminal/result-width.ts';
import { RunProgress } from '../terminal/run-progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { listenersOf } from './listeners-of.ts';
import type { ResultForm } from './output-options.ts';

interface ConductOptions {
  /** The run folder. */
  folder: string;
  form: ResultForm;
  terminal: Terminal;
  /** Processes that train together, of which this is the first. */
  cluster: Omit<ClusterChoice, 'interrupt'> | undefined;
}

/** Shows a session while it runs, lets Ctrl-C interrupt it, and prints its result. */
export async function conductInTerminal(
  session: (
    options: Required<Pick<ResumeSessionOptions, 'signal' | 'on' | 'cluster'>>,
  ) => Promise<Summary>,
  { folder, form, terminal, cluster }: ConductOptions,
): Promise<void> {
  const progress = new RunProgress(terminal);
  const on = {
    ...listenersOf(terminal),
    begin: progress.begin,
    event: progress.show,
  };
  const summary = await interruptible(
    (signal, interrupt) => session({ signal, on, cluster: cluster && { ...cluster, interrupt } }),
    () => interruptedMessage(folder),
  );
  terminal.line();
  terminal.result(resultText(summary, form));
  terminal.line(`\nRun folder: ${resolve(folder)}\nReport:     ${resolve(folder, 'report.html')}`);
}

function interruptedMessage(folder: string): string {
  // The folder may have existed before: empty, or with leftovers of a run that crashed before its
  // start.
  return existsSync(join(folder, 'config.json'))
    ? `Interrupted. The run so far is in ${folder}. Resume it with: ${shellCommand(['fixres', 'resume', folder])}`
    : 'Interrupted. Nothing was written.';
}

function resultText(summary: Summary, form: ResultForm): string {
  if (form === 'text') return summaryText(summary, { width: resultWidth() });
  return JSON.stringify(form === 'json' ? summary : { type: 'result', summary });
}
