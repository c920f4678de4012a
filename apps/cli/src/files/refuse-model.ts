import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';

/**
 * Refuses a model or run folder where a data set is expected.
 *
 * @param what what to do instead
 * @throws ExitError
 */
export function refuseModel(dataset: string, what: string): void {
  const has = (...names: string[]): boolean =>
    names.every((name) => existsSync(join(dataset, name)));
  const kind = has('config.json', 'models') ? 'run' : has('model.json') ? 'model' : undefined;
  if (kind === undefined) return;
  throw new ExitError(exitCodes.usage, `error: "${dataset}" is a ${kind}; ${what}.`);
}
