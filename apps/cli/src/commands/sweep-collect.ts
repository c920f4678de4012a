import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { resumeSession } from '@fixres/runner/node';
import { assembleRun, requireFreeFolder } from '@fixres/runs/node';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { conductInTerminal } from '../run/conduct-in-terminal.ts';
import { resultForm } from '../run/output-options.ts';
import { readSweep, sweepFiles } from '../sweep/sweep-folder.ts';
import { sweepSummary } from '../sweep/sweep-text.ts';
import { sweepStates } from '../sweep/sweep-states.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres sweep collect`, as the command line gives them. */
export interface SweepCollectOptions {
  out?: string;
  data?: string;
  json?: boolean;
  quiet?: boolean;
}

/** Makes one run of the finished trials of a sweep, and prints its result. */
export async function sweepCollect(
  folder: string,
  { out = sweepFiles.run(folder), data, json = false, quiet = false }: SweepCollectOptions,
): Promise<void> {
  const terminal = new Terminal({ quiet });
  const plan = await readSweep(folder);
  const { trials, halving } = await sweepStates(folder, plan, { onUnreachable: () => undefined });
  if (halving)
    throw new ExitError(
      exitCodes.failed,
      `error: The sweep in "${folder}" only chooses among arms. ${sweepSummary(folder, trials, halving)}`,
    );
  const missing = trials.filter(({ state }) => state !== 'finished');
  if (missing.length > 0)
    throw new ExitError(
      exitCodes.failed,
      `error: The sweep in "${folder}" has no result yet. ${sweepSummary(folder, trials)}`,
    );
  // A process that was killed while it compared the arms leaves an assembled run.
  const isAssembled =
    out === sweepFiles.run(folder) &&
    existsSync(join(out, 'config.json')) &&
    !existsSync(join(out, 'summary.json'));
  if (!isAssembled) {
    await requireFreeFolder(out);
    await assembleRun(
      resolve(out),
      trials.map(({ trial, folder: run }) => ({ name: trial, folder: run! })),
      plan,
    );
  }
  await conductInTerminal(
    (session) => resumeSession(out, { data, variables: process.env, ...session }),
    { folder: out, form: resultForm({ json }), terminal, cluster: undefined },
  );
}
