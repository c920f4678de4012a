import { halvingProgress } from '../sweep/halving.ts';
import { readSweep } from '../sweep/sweep-folder.ts';
import { sweepText } from '../sweep/sweep-text.ts';
import { trialStates } from '../sweep/trial-states.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Shows how far the trials of a sweep are. */
export async function sweepStatus(
  folder: string,
  { json = false }: { json?: boolean },
): Promise<void> {
  const terminal = new Terminal();
  const plan = await readSweep(folder);
  const trials = await trialStates(folder, plan, {
    onUnreachable: ({ message }) => {
      terminal.warn(`Which trials are queued is not known. ${message.replace(/^error: /, '')}`);
    },
  });
  const halving = await halvingProgress(plan, trials);
  terminal.result(
    json
      ? JSON.stringify({ folder, trials, ...(halving && { halving }) })
      : sweepText(folder, trials, halving),
  );
}
