/** One change of all pixels' levels, with its parameter drawn. Plain data. */
export type PixelAdjustment =
  /** Mixes with black: 0 is black, 1 changes nothing. */
  | { op: 'brightness'; factor: number }
  /** Mixes with the picture's mean grey. */
  | { op: 'contrast'; factor: number }
  /** Mixes with the grey picture. */
  | { op: 'saturation'; factor: number }
  /** Turns the colour circle by this part of it, -0.5..0.5. */
  | { op: 'hue'; shift: number };
