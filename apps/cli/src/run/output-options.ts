import type { RunEvent } from '@fixres/runs';
import { Terminal } from '../terminal/terminal.ts';

/** How a run's result and progress are given, as the command line says it. */
export interface RunOutputOptions {
  json?: boolean;
  ndjson?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}

/** What the result is printed as. */
export type ResultForm = 'text' | 'json' | 'ndjson';

export function resultForm({ json, ndjson }: RunOutputOptions): ResultForm {
  return ndjson ? 'ndjson' : json ? 'json' : 'text';
}

/** Where a run is shown; with `ndjson` its events go to stdout as well, and a reader who leaves ends the run as Ctrl-C does. */
export function runTerminal({ ndjson, quiet, verbose }: RunOutputOptions): Terminal {
  if (!ndjson) return new Terminal({ quiet, verbose });
  let isRead = true;
  const onEvent = (event: RunEvent): void => {
    if (isRead) terminal.result(JSON.stringify(event));
  };
  const terminal = new Terminal({ quiet, verbose, onEvent });
  process.stdout.once('error', () => {
    isRead = false;
    // Whoever listens saves what was done. After the run nobody listens, and nothing is lost.
    if (process.emit('SIGINT'))
      terminal.warn('The events are not read any more; the run is interrupted.');
  });
  return terminal;
}
