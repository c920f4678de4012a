import { FixresRunnerError } from '../errors.ts';

/** The error for a store that does not return what was just written. */
export function featuresLost(view: number): FixresRunnerError {
  return new FixresRunnerError(
    'features-lost',
    `The features of view ${view} cannot be read although they were just written; the disk may be failing.`,
  );
}
