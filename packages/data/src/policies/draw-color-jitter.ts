import type { PixelAdjustment } from '../pixels/pixel-adjustment.ts';
import type { Random } from '../rng.ts';
import { shuffledIndices } from '../shuffle.ts';
import type { ColorJitterStep } from './policy-step.ts';

/**
 * Draws the order and the parameters of one image's colour jitter. The order is drawn first, then
 * brightness to hue.
 */
export function drawColorJitter(step: ColorJitterStep, random: Random): PixelAdjustment[] {
  const order = shuffledIndices(4, random);
  const draw = (range: [number, number] | undefined): number | undefined =>
    range && random.uniform(range[0], range[1]);
  const brightness = draw(step.brightness);
  const contrast = draw(step.contrast);
  const saturation = draw(step.saturation);
  const hue = draw(step.hue);
  const adjustments: (PixelAdjustment | undefined)[] = [
    brightness === undefined ? undefined : { op: 'brightness', factor: brightness },
    contrast === undefined ? undefined : { op: 'contrast', factor: contrast },
    saturation === undefined ? undefined : { op: 'saturation', factor: saturation },
    hue === undefined ? undefined : { op: 'hue', shift: hue },
  ];
  return Array.from(order, (i) => adjustments[i]).filter((adjustment) => adjustment !== undefined);
}
