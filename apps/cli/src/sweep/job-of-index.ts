import { exitCodes, ExitError } from '../command-line/exit-error.ts';

/** Variables in which Slurm and Kubernetes give a job its index. */
const INDEX = ['SLURM_ARRAY_TASK_ID', 'JOB_COMPLETION_INDEX'] as const;

/**
 * The only name, or the one that the job's index selects.
 *
 * @param what one of several is: `trials`
 * @throws ExitError without one
 */
export function jobOfIndex(names: readonly string[], what: string): string {
  const [first] = names as [string];
  const variable = INDEX.find((name) => process.env[name] !== undefined);
  if (names.length === 1) return first;
  const index = variable && process.env[variable];
  const name = index !== undefined && /^\d+$/.test(index) ? names[Number(index)] : undefined;
  if (name !== undefined) return name;
  const problem =
    variable === undefined
      ? `none of ${INDEX.join(' and ')} is set, which select one of several ${what}`
      : `${variable} is ${index}; it must be a whole number from 0 to ${names.length - 1}`;
  throw new ExitError(exitCodes.usage, `error: ${problem}.`);
}
