import { FixresRunsError } from '../errors.ts';

/** How successive halving chooses among arms. */
export interface HalvingSettings {
  /** About one in so many arms goes on, with so many times the seeds or epochs. */
  reduction: number;
  /** Number of arms that are left at the end. */
  survivors: number;
}

/** @throws FixresRunsError `bad-option` */
export function checkReduction(arms: number, { reduction, survivors }: HalvingSettings): void {
  if (!(Number.isInteger(reduction) && reduction >= 2 && reduction <= 100))
    throw bad(
      `The reduction of halving is ${reduction} (option "reduction"); it must be a whole number from 2 to 100.`,
    );
  if (!(Number.isInteger(survivors) && survivors >= 1 && survivors < arms))
    throw bad(
      `Halving leaves ${survivors} of ${arms} arms (option "survivors"); it must be a whole number from 1 to ${arms - 1}.`,
    );
}

function bad(message: string): FixresRunsError {
  return new FixresRunsError('bad-option', message);
}
