import { FixresDataError } from '../errors.ts';
import { type ImageSize, mapSides, sidesOf } from '../geometry/image-size.ts';
import type { Rgb } from '../geometry/view.ts';
import {
  checkResampling,
  checkSize,
  coverStep,
  fitStep,
  makePolicy,
  pilBilinear,
  squashStep,
} from './make-policy.ts';
import type { Policy } from './policy.ts';
import type { PolicyStep, Resampling } from './policy-step.ts';

export interface TimmEvalOptions extends Partial<Resampling> {
  size: ImageSize;
  /**
   * Fraction of the resized image's side that the crop keeps, above 0 and at most 1. Default 0.875.
   */
  cropPct?: number;
  /**
   * - `center` (default): resizes the shorter side to floor(size / cropPct) and keeps the aspect
   *   ratio; a rectangle is just covered.
   * - `squash`: resizes both sides to it; nothing is cropped with cropPct 1.
   * - `border`: resizes the longer side to it and fills the rest with borders; nothing is cropped
   *   with cropPct 1.
   */
  mode?: 'center' | 'squash' | 'border';
  /** Levels of the borders. Default ImageNet's mean, [124, 116, 104]. */
  fill?: Rgb;
}

/** timm's evaluation policy (`transforms_imagenet_eval`). */
export function timmEval(options: TimmEvalOptions): Policy {
  const { size, cropPct = 0.875, mode = 'center', fill = [124, 116, 104] } = options;
  const { interpolation = pilBilinear.interpolation, antialias = pilBilinear.antialias } = options;
  checkSize('size', size);
  if (!(cropPct > 0 && cropPct <= 1)) {
    throw new FixresDataError(
      'bad-option',
      `Option "cropPct" is ${cropPct}; it must be above 0 and at most 1.`,
    );
  }
  checkResampling({ interpolation, antialias });
  const resized = mapSides(size, (side) => Math.floor(side / cropPct));
  const steps: Record<typeof mode, typeof squashStep> = {
    center: coverStep,
    squash: squashStep,
    border: fitStep,
  };
  const { width, height } = sidesOf(size);
  const crop: PolicyStep = {
    op: 'centerCrop',
    width,
    height,
    rounding: 'half-even',
    ...(mode === 'border' ? { pad: fill } : {}),
  };
  const resize = steps[mode](resized, { interpolation, antialias });
  return makePolicy(`timmEval-${mode}`, size, [resize, crop]);
}
