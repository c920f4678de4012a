/**
 * The inverse of the lower triangle L with L L^T = `matrix`: multiplied by it, vectors with this covariance
 * become uncorrelated, with variance 1.
 *
 * @param matrix size x size, symmetric and positive definite, row by row
 * @returns size x size, lower triangle
 */
export function inverseCholesky(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!;
      lower[i * size + j] = i === j ? Math.sqrt(sum) : sum / lower[j * size + j]!;
    }
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = inverse.subarray(i * size, (i + 1) * size);
    // Row i of the inverse from the rows above it, so that memory is read in order.
    for (let k = 0; k < i; k++) {
      const factor = lower[i * size + k]!;
      const above = inverse.subarray(k * size, k * size + k + 1);
      for (let j = 0; j <= k; j++) row[j]! -= factor * above[j]!;
    }
    const diagonal = lower[i * size + i]!;
    for (let j = 0; j < i; j++) row[j]! /= diagonal;
    row[i] = 1 / diagonal;
  }
  return inverse;
}
