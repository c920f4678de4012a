/**
 * Which held-out images a classifier classified correctly: one list per seed, each with a 1
 * (correct) or 0 (wrong) for every image, in the same order of images.
 */
export type CorrectnessMatrix = readonly Uint8Array[];

/**
 * Checks a matrix and returns its shape.
 *
 * @throws RangeError if there is no seed or no image, if the lists differ in length, or if a value
 * is neither 0 nor 1.
 */
export function matrixShape(
  name: string,
  matrix: CorrectnessMatrix,
): { seeds: number; images: number } {
  const images = matrix[0]?.length ?? 0;
  if (images === 0)
    throw new RangeError(`${name} must contain at least one seed with at least one image.`);
  for (const [seed, row] of matrix.entries()) {
    if (row.length !== images) {
      throw new RangeError(
        `${name} must have the same images for every seed: seed 0 has ${images}, seed ${seed} has ${row.length}.`,
      );
    }
    const wrong = row.find((value) => value > 1);
    if (wrong !== undefined)
      throw new RangeError(`${name} must contain only 0 and 1, got ${wrong}.`);
  }
  return { seeds: matrix.length, images };
}

/**
 * `a - b`, element by element: 1 if only `a` is correct, -1 if only `b` is.
 *
 * @throws RangeError if the matrices differ in seeds or images, or are not valid.
 */
export function matrixDifference(a: CorrectnessMatrix, b: CorrectnessMatrix): Int8Array[] {
  const shapeA = matrixShape('a', a);
  const shapeB = matrixShape('b', b);
  if (shapeA.images !== shapeB.images || shapeA.seeds !== shapeB.seeds) {
    const [inA, inB] = [shapeA, shapeB].map(({ seeds, images }) => `${seeds} x ${images}`);
    throw new RangeError(
      `a and b must have the same seeds and images: a has ${inA}, b has ${inB}.`,
    );
  }
  return a.map((row, s) => Int8Array.from(row, (value, i) => value - b[s]![i]!));
}
