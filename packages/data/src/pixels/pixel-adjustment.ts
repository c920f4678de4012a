/** One change of all pixels' levels, with its random parameter already drawn. Plain data. */
export type PixelAdjustment =
  /** Blends with black: 0 is black, 1 changes nothing. */
  | { op: 'brightness'; factor: number }
  /** Blends with the picture's mean grey. */
  | { op: 'contrast'; factor: number }
  /** Blends with the grey version of the picture. */
  | { op: 'saturation'; factor: number }
  /** Rotates the hue by this fraction of the colour circle, -0.5..0.5. */
  | { op: 'hue'; shift: number };
