import { FixresDataError } from '../errors.ts';

/**
 * Fills in the defaults of limits.
 *
 * @throws FixresDataError `bad-option` if a limit is not a whole number of at least 1
 */
export function completeLimits<T extends { [K in keyof T]: number }>(
  defaults: T,
  given: Partial<T> = {},
): T {
  const limits = { ...defaults, ...given };
  for (const name of Object.keys(defaults) as (keyof T & string)[]) {
    if (!(Number.isSafeInteger(limits[name]) && limits[name] >= 1)) {
      throw new FixresDataError(
        'bad-option',
        `Option "limits.${name}" is ${limits[name]}; it must be a whole number of at least 1.`,
      );
    }
  }
  return limits;
}
