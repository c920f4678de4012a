import type { RunEvent } from '@fixres/runs';
import { clusterTask } from '../cluster/cluster-task.ts';
import type { ClusterOptions } from '../options/cluster-options.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options for the result and progress of a run, as the command line gives them. */
export interface RunOutputOptions extends ClusterOptions {
  json?: boolean;
  ndjson?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}

/** The format of the printed result. */
export type ResultForm = 'text' | 'json' | 'ndjson';

export function resultForm({ json, ndjson }: RunOutputOptions): ResultForm {
  return ndjson ? 'ndjson' : json ? 'json' : 'text';
}

/**
 * The terminal of a run. With `ndjson`, its events also go to stdout, and a reader that exits
 * interrupts the run like Ctrl-C.
 */
export function runTerminal({ ndjson, quiet, verbose, ...options }: RunOutputOptions): Terminal {
  // The first of several processes shows the run.
  if ((clusterTask(options)?.rank ?? 0) > 0) return new Terminal({ quiet: true });
  if (!ndjson) return new Terminal({ quiet, verbose });
  let isRead = true;
  const onEvent = (event: RunEvent): void => {
    if (isRead) terminal.result(JSON.stringify(event));
  };
  const terminal = new Terminal({ quiet, verbose, onEvent });
  process.stdout.once('error', () => {
    isRead = false;
    // A listener saves the work so far. After the run there is no listener, and nothing is lost.
    if (process.emit('SIGINT'))
      terminal.warn('The events are not read any more; the run is interrupted.');
  });
  return terminal;
}
