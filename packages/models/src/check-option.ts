import { FixresModelsError } from './errors.ts';

/** @throws FixresModelsError `bad-option` unless `valid` */
export function checkOption(
  valid: boolean,
  option: string,
  received: unknown,
  allowed: string,
): void {
  if (valid) return;
  // JSON has no NaN and no infinity.
  const value = typeof received === 'number' ? String(received) : JSON.stringify(received);
  throw new FixresModelsError('bad-option', `Option ${option} is ${value}; it must be ${allowed}.`);
}
