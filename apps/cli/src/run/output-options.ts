import { Terminal } from '../terminal.ts';

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

/** Where a run is shown; with `ndjson` its events go to stdout as well. */
export function runTerminal({ ndjson, quiet, verbose }: RunOutputOptions): Terminal {
  const onEvent = ndjson ? (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`) : undefined;
  return new Terminal({ quiet, verbose, onEvent });
}
