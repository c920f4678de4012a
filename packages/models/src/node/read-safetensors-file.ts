import { readFile, stat } from 'node:fs/promises';
import { FixresModelsError } from '../errors.ts';
import {
  MAX_SAFETENSORS_BYTES,
  readSafetensors,
  type SavedTensor,
} from '../torch/read-safetensors.ts';

/**
 * Reads a safetensors file of at most 2 GiB, see `readSafetensors`.
 *
 * @throws FixresModelsError `not-found`, `bad-weights-file`, `limit-exceeded`; the signal's reason
 *   when aborted
 */
export async function readSafetensorsFile(
  file: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Map<string, SavedTensor>> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new FixresModelsError('not-found', `Weights file "${file}" does not exist.`, { cause });
  });
  if (size > MAX_SAFETENSORS_BYTES) {
    throw new FixresModelsError(
      'limit-exceeded',
      `Weights file "${file}" has ${size} bytes; ${MAX_SAFETENSORS_BYTES} are allowed.`,
    );
  }
  const bytes = await readFile(file, { signal }).catch((cause: unknown) => {
    if (signal?.aborted) throw signal.reason;
    throw new FixresModelsError(
      'bad-weights-file',
      `Weights file "${file}" cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  });
  return readSafetensors(bytes, { name: `"${file}"` });
}
