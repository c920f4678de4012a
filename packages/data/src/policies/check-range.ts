import { FixresDataError } from '../errors.ts';

/** @throws FixresDataError `bad-option` unless `low <= range[0] <= range[1] <= high` */
export function checkRange(
  option: string,
  range: readonly [number, number],
  low: number,
  high: number,
): void {
  if (!(range[0] >= low && range[1] >= range[0] && range[1] <= high)) {
    const allowed = `two numbers from ${low} to ${high}, the lower first`;
    throw new FixresDataError(
      'bad-option',
      `Option "${option}" is [${range.join(', ')}]; it must be ${allowed}.`,
    );
  }
}
