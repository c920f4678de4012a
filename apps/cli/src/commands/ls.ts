import { resultWidth } from '../terminal/result-width.ts';
import { findRuns, readRunEntry } from '@fixres/runs/read';
import { runsTable } from '@fixres/runs/report';
import { Terminal } from '../terminal/terminal.ts';

/** Lists the runs in a folder, latest first. */
export async function ls(root: string, { json = false }: { json?: boolean }): Promise<void> {
  const found = await findRuns(root);
  const runs = [];
  // One at a time: a folder can contain thousands of runs, and the number of open files is limited.
  for (const each of found) runs.push(await readRunEntry(each));
  runs.sort((a, b) => (b.startedAt ?? '').localeCompare(a.startedAt ?? ''));
  const terminal = new Terminal();
  if (json) terminal.result(JSON.stringify({ runs }));
  else if (runs.length === 0) terminal.line(`There is no run in "${root}".`);
  else terminal.result(runsTable(runs, resultWidth()));
}
