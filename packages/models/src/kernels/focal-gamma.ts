import { checkOption } from '../check-option.ts';

/** Keeps 0 / 0 finite; smaller than any difference of two float32 numbers near 1. */
export const TINY = 1e-30;

/** @throws FixresModelsError `bad-option` for a focusing parameter that is not finite and at least 0 */
export function checkGamma(gamma: number): void {
  checkOption(
    gamma >= 0 && Number.isFinite(gamma),
    'gamma',
    gamma,
    'a finite number of at least 0',
  );
}
