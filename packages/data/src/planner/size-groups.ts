import { FixresDataError } from '../errors.ts';
import type { Size } from '../geometry/view.ts';

/** Images of one size. */
export interface SizeGroup extends Size {
  /** Number of images of this size. */
  images: number;
}

/**
 * The distinct sizes with their numbers of images, by width, then height. The effect of a policy on
 * an image depends only on its size.
 *
 * @throws FixresDataError `bad-option` for an empty list or an impossible size
 */
export function groupSizes(sizes: readonly Size[]): SizeGroup[] {
  if (sizes.length === 0)
    throw new FixresDataError(
      'bad-option',
      'Option "sizes" is empty; a plan needs the size of at least one image.',
    );
  const groups = new Map<string, SizeGroup>();
  for (const { width, height } of sizes) {
    if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
      throw new FixresDataError(
        'bad-option',
        `Option "sizes" has ${width}x${height}; sides must be whole numbers of pixels, at least ` +
          '1.',
      );
    }
    const key = `${width}x${height}`;
    const group = groups.get(key);
    if (group) group.images += 1;
    else groups.set(key, { width, height, images: 1 });
  }
  return [...groups.values()].sort((a, b) => a.width - b.width || a.height - b.height);
}
