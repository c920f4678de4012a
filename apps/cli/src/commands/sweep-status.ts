import { readSweep } from '../sweep/sweep-folder.ts';
import { sweepStates } from '../sweep/sweep-states.ts';
import { sweepText } from '../sweep/sweep-text.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Shows how far the trials of a sweep are. */
export async function sweepStatus(
  folder: string,
  { json = false }: { json?: boolean },
): Promise<void> {
  const terminal = new Terminal();
  const plan = await readSweep(folder);
  const states = await sweepStates(folder, plan, {
    onUnreachable: ({ message }) => {
      terminal.warn(`Which trials are queued is not known. ${message.replace(/^error: /, '')}`);
    },
  });
  terminal.result(
    json ? JSON.stringify({ folder, ...states }) : sweepText(folder, states.trials, states.halving),
  );
}
