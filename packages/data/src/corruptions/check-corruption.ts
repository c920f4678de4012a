import { FixresDataError } from '../errors.ts';
import { corruptionNames, corruptionSeverities } from './corruption-names.ts';

/** @throws FixresDataError `bad-option` for an unknown corruption or severity */
export function checkCorruption({
  corruption,
  severity,
}: {
  corruption: string;
  severity: number;
}): void {
  if (!(corruptionNames as readonly string[]).includes(corruption))
    throw new FixresDataError(
      'bad-option',
      `Option "corruption" is "${corruption}"; allowed are ${corruptionNames.join(', ')}.`,
    );
  if (!(corruptionSeverities as readonly number[]).includes(severity))
    throw new FixresDataError(
      'bad-option',
      `Option "severity" is ${severity}; allowed are ${corruptionSeverities.join(', ')}.`,
    );
}
