import { FixresDataError } from '../errors.ts';
import type { Policy } from './policy.ts';

/**
 * The test policy of the FixRes authors and of most ImageNet code: the shorter side to 256/224 of the crop's, aspect ratio kept, then
 * the centre. `shortSideTest(224)` resizes to 256 and crops 224.
 */
export function shortSideTest(size: number): Policy {
  if (!Number.isInteger(size) || size < 8 || size > 4096) {
    throw new FixresDataError('bad-option', `Option "size" is ${size}; it must be a whole number of pixels from 8 to 4096.`);
  }
  return {
    version: 1,
    name: 'shortSideTest',
    output: { width: size, height: size },
    steps: [
      { op: 'resizeShortSide', side: Math.round((256 / 224) * size), interpolation: 'bilinear', antialias: false },
      { op: 'centerCrop', width: size, height: size },
    ],
  };
}
