import { type ImageSize, mapSides, sidesOf } from '../geometry/image-size.ts';
import type { Rgb } from '../geometry/view.ts';
import {
  checkResampling,
  checkSize,
  coverStep,
  makePolicy,
  pilBilinear,
  randomFlip,
} from './make-policy.ts';
import type { Policy } from './policy.ts';
import type { ColorJitterStep, PolicyStep, Resampling } from './policy-step.ts';

export interface ShortSideCropOptions extends Partial<Resampling> {
  /**
   * Size that the image is resized to before the crop: a number for its shorter side, a rectangle
   * that it just covers. Default round(256 / 224 * size), side by side.
   */
  resizeSide?: ImageSize;
  /**
   * Scale by height instead of the shorter side, as in the FixRes authors' own code. Tall images
   * are then narrower than the crop and get black borders. Default false.
   */
  byHeight?: boolean;
}

const black: Rgb = [0, 0, 0];
const jitter: ColorJitterStep = {
  op: 'colorJitter',
  brightness: [0.95, 1.05],
  contrast: [0.95, 1.05],
  saturation: [0.95, 1.05],
};

/**
 * The test policy of the FixRes paper (and the usual one for ImageNet): resizes the shorter side to
 * round(256 / 224 * size), then takes the centre crop of `size`. For a rectangle, the image just
 * covers round(256 / 224 * height) x round(256 / 224 * width), as timm resizes; by height, its
 * height is that.
 */
export function shortSideCrop(size: ImageSize, options: ShortSideCropOptions = {}): Policy {
  const name = options.byHeight ? 'heightCrop' : 'shortSideCrop';
  const crop: PolicyStep = {
    op: 'centerCrop',
    ...sidesOf(size),
    rounding: 'half-even',
    ...padding(options),
  };
  return makePolicy(name, size, [resizeStep(size, options), crop]);
}

/**
 * The FixRes authors' policy "v2" for fine-tuning: resizes as for evaluation, mirrors half of the
 * images, changes brightness, contrast and saturation by up to 5 % in random order, then takes a
 * centre crop that is shifted sideways.
 */
export function shiftedCrop(size: ImageSize, options: ShortSideCropOptions = {}): Policy {
  const name = options.byHeight ? 'heightShiftedCrop' : 'shiftedCrop';
  const crop: PolicyStep = {
    op: 'shiftedCenterCrop',
    ...sidesOf(size),
    ...padding(options),
  };
  return makePolicy(name, size, [resizeStep(size, options), randomFlip, jitter, crop]);
}

function resizeStep(size: ImageSize, options: ShortSideCropOptions): PolicyStep {
  const {
    byHeight = false,
    interpolation = pilBilinear.interpolation,
    antialias = pilBilinear.antialias,
  } = options;
  checkSize('size', size);
  if (options.resizeSide !== undefined) checkSize('resizeSide', options.resizeSide);
  const resized = options.resizeSide ?? mapSides(size, (side) => Math.round((256 / 224) * side));
  checkResampling({ interpolation, antialias });
  if (!byHeight) return coverStep(resized, { interpolation, antialias });
  const { height: side } = sidesOf(resized);
  return { op: 'resizeShortSide', side, byHeight, interpolation, antialias };
}

/** The crop can be larger than the resized image only when scaling by height. */
function padding({ byHeight = false }: ShortSideCropOptions): { pad?: Rgb } {
  return byHeight ? { pad: black } : {};
}
