/** The images of a class, the highest score first; equal scores are one step of the curve. */
export interface RankedScores {
  /** Positions of the images. */
  order: Uint32Array;
  /** Whether the image at each place of `order` has the class. */
  positive: Uint8Array;
  /** Whether the next score is lower, at each place of `order`. */
  ends: Uint8Array;
}

/** One column of a table with a row per image. */
export interface Column {
  column: number;
  columns: number;
}

/**
 * Sorts the images by the score of a class.
 *
 * @param scores images x classes
 * @param targets images x classes, 1 for each class of an image
 */
export function rankScores(
  scores: Float32Array,
  targets: Uint8Array,
  { column, columns }: Column,
): RankedScores {
  const images = scores.length / columns;
  const scoreOf = (image: number): number => scores[image * columns + column]!;
  const order = Uint32Array.from({ length: images }, (_, i) => i).sort(
    (a, b) => scoreOf(b) - scoreOf(a),
  );
  const positive = Uint8Array.from(order, (image) => targets[image * columns + column]!);
  const ends = Uint8Array.from(order, (image, i) =>
    i + 1 === images || scoreOf(order[i + 1]!) < scoreOf(image) ? 1 : 0,
  );
  return { order, positive, ends };
}
