import type { PixelAdjustment } from './pixel-adjustment.ts';

/** What was drawn for one image, in a few words: `rotate 9°`, `contrast x 0.73`. */
export function adjustmentText(adjustment: PixelAdjustment): string {
  const { op } = adjustment;
  switch (op) {
    case 'brightness':
    case 'contrast':
    case 'saturation':
    case 'sharpness':
      return `${op} x ${short(adjustment.factor)}`;
    case 'hue':
      return `hue ${short(360 * adjustment.shift)}°`;
    case 'posterize':
      return `posterize to ${adjustment.bits} bits`;
    case 'solarize':
      return `solarize from ${short(adjustment.threshold)}`;
    case 'autoContrast':
    case 'equalize':
    case 'invert':
    case 'grayscale':
      return op;
    case 'shearX':
    case 'shearY':
      return `${op} ${short(adjustment.amount)}`;
    case 'translateX':
    case 'translateY':
      return `${op} ${adjustment.amount} px`;
    case 'rotate':
      return `rotate ${short(adjustment.amount)}°`;
    case 'gaussianBlur':
      return `blur ${short(adjustment.sigma)} px`;
    case 'boxBlur':
      return `blur ${short(adjustment.radius)} px`;
    case 'erase':
      return `erase ${adjustment.part.width} x ${adjustment.part.height}`;
    case 'corrupt':
      return `${adjustment.corruption} ${adjustment.severity}`;
    case 'mixture':
      return `mixture with ${Math.round(100 * adjustment.weight)} % original`;
  }
}

const short = (value: number): string => String(Math.round(value * 100) / 100);
