import { FixresDataError } from '../errors.ts';
import { checkRange } from './check-range.ts';
import type { ColorJitterStep } from './policy-step.ts';

/** How far each property may change, as in torchvision's `ColorJitter`. */
export interface ColorJitterOptions {
  /** Factors within 1 - b .. 1 + b, never below 0. Default 0, as for the others. */
  brightness?: number;
  contrast?: number;
  saturation?: number;
  /** Hue rotations within -h .. h, as fractions of the colour circle; at most 0.5. */
  hue?: number;
}

/** The step that changes colours by up to these strengths. @throws FixresDataError `bad-option` */
export function colorJitterStep({
  brightness = 0,
  contrast = 0,
  saturation = 0,
  hue = 0,
}: ColorJitterOptions): ColorJitterStep {
  const step: ColorJitterStep = { op: 'colorJitter' };
  for (const [name, strength] of Object.entries({ brightness, contrast, saturation })) {
    if (!(strength >= 0 && Number.isFinite(strength))) {
      throw new FixresDataError(
        'bad-option',
        `Option "${name}" is ${strength}; it must be a number of at least 0.`,
      );
    }
    if (strength > 0)
      step[name as 'brightness' | 'contrast' | 'saturation'] = [
        Math.max(0, 1 - strength),
        1 + strength,
      ];
  }
  checkRange('hue', [-hue, hue], -0.5, 0.5);
  if (hue > 0) step.hue = [-hue, hue];
  return step;
}
