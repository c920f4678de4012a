import { encodeFloat16 } from '@fixres/finetune';
import { FixresRunnerError } from '../errors.ts';

/**
 * Weights in half precision, as their bits.
 *
 * @param name of the weights, for the error
 * @throws FixresRunnerError `bad-option` if one is too large
 */
export function halfOf(name: string, data: Float32Array): Uint16Array {
  const half = new Uint16Array(data.length);
  encodeFloat16(data, half);
  if (data.some((value, i) => Number.isFinite(value) && (half[i]! & 0x7fff) === 0x7c00))
    throw new FixresRunnerError(
      'bad-option',
      `Option --precision is float16, but "${name}" has weights beyond 65504; use float32.`,
    );
  return half;
}
