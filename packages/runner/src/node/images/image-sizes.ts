import { FixresDataError, type Size } from '@fixres/data';
import { type Example, readImageHeaders } from '@fixres/data/node';
import type { PreparationListeners } from '../session/session-listeners.ts';

/**
 * Width and height of images, from the headers of their files. Files without a readable header are
 * skipped.
 *
 * @throws FixresDataError `corrupt-image` if no file has a readable header
 */
export async function imageSizes(
  examples: readonly Example[],
  { on, signal }: { on: PreparationListeners; signal: AbortSignal },
): Promise<Size[]> {
  const onProgress = (read: number): void =>
    on.progress?.(`Reading sizes: ${read} of ${examples.length}`);
  const { headers, failures } = await readImageHeaders(examples, { onProgress, signal });
  const sizes = headers.filter((header) => header !== undefined);
  if (sizes.length === 0)
    throw new FixresDataError('corrupt-image', `${failures[0]!.message} Nor can any other image.`);
  return sizes;
}
