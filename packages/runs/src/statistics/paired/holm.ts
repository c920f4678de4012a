/**
 * Holm's step-down correction of p-values for their number. It bounds the chance of any false
 * finding and assumes nothing about the dependence between the tests.
 *
 * Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
 * of Statistics 6 (1979).
 *
 * @param p p-values in 0..1, in any order.
 * @returns the adjusted values in the same order, each at least its p and at most 1.
 * @throws RangeError naming a value outside 0..1.
 */
export function holmAdjust(p: readonly number[]): number[] {
  const wrong = p.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) throw new RangeError(`p must contain values from 0 to 1, got ${wrong}.`);
  const adjusted = new Array<number>(p.length);
  let largest = 0;
  const ascending = p.map((value, index) => ({ value, index })).sort((x, y) => x.value - y.value);
  for (const [rank, { value, index }] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, value * (p.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
}
