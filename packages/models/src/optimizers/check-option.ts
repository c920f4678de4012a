import { FixresModelsError } from '../errors.ts';

/** @throws FixresModelsError `bad-option` unless `valid` */
export function checkOption(valid: boolean, option: string, received: unknown, allowed: string): void {
  if (!valid) throw new FixresModelsError('bad-option', `Option ${option} is ${String(received)}; it must be ${allowed}.`);
}
