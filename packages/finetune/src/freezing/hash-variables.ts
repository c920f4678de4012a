import type * as tfl from '@tensorflow/tfjs-layers';
import { FixresFinetuneError } from '../errors.ts';

/**
 * SHA-256 of a variable's values, as lower-case hexadecimal. Equal hashes mean equal bits, so -0
 * differs from 0. Reads the values from the backend and allocates no tensor.
 *
 * @throws FixresFinetuneError `variable-disposed`.
 */
export async function hashVariable(variable: tfl.LayerVariable, name: string): Promise<string> {
  const tensor = readVariable(variable, name);
  const values = await tensor.data();
  const bytes = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  const digest = await globalThis.crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function readVariable(
  variable: tfl.LayerVariable,
  name: string,
): ReturnType<tfl.LayerVariable['read']> {
  try {
    return variable.read();
  } catch (cause) {
    throw new FixresFinetuneError(
      'variable-disposed',
      `variable ${name} is disposed, so nothing can be proven about it`,
      {
        names: [name],
        cause,
      },
    );
  }
}
