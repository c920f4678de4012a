import { FixresRunnerError } from '../errors.ts';

/** @throws FixresRunnerError for 8 bits without images to calibrate with */
export function requireCalibration(precision: string, calibrate: unknown): void {
  if (precision === 'int8' && calibrate === undefined)
    throw new FixresRunnerError(
      'bad-option',
      'Option --precision is int8, which needs images to calibrate with; allowed without are float32 and float16.',
    );
}
