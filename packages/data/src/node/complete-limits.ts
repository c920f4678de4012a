import { FixresDataError } from '../errors.ts';

/** Limits with their defaults filled in. @throws FixresDataError `bad-option` when one is no whole number of at least 1 */
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
