import { resultWidth } from '../fitted-table.ts';
import { findRuns } from '../runs/find-runs.ts';
import { readRunEntry } from '../runs/run-entry.ts';
import { runsTable } from '../runs/runs-table.ts';
import { Terminal } from '../terminal.ts';

/** Lists the runs of a folder, the latest first. */
export async function ls(root: string, { json = false }: { json?: boolean }): Promise<void> {
  const found = await findRuns(root);
  const runs = [];
  // One after the other: a folder may hold thousands, and files that can be open at a time are few.
  for (const each of found) runs.push(await readRunEntry(each));
  runs.sort((a, b) => (b.startedAt ?? '').localeCompare(a.startedAt ?? ''));
  if (json) {
    process.stdout.write(`${JSON.stringify(runs)}\n`);
    return;
  }
  if (runs.length === 0) {
    new Terminal().line(`There is no run in "${root}".`);
    return;
  }
  process.stdout.write(`${runsTable(runs, resultWidth())}\n`);
}
