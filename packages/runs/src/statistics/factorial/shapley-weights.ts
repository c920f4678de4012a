/**
 * Weights of the Shapley value: what a player adds to a coalition of `size` others counts
 * `weights[size]`. This is the fraction of all orders of the players in which exactly these others
 * come before it: size! (players - 1 - size)! / players!.
 *
 * @returns the weights by size, and a number by which all of them become whole
 */
export function shapleyWeights(players: number): { weights: number[]; denominator: number } {
  // The number of coalitions of each size among the other players.
  const coalitions = [1];
  for (let size = 1; size < players; size++)
    coalitions.push((coalitions[size - 1]! * (players - size)) / size);
  const denominators = coalitions.map((count) => count * players);
  return {
    weights: denominators.map((denominator) => 1 / denominator),
    denominator: denominators.reduce(leastCommonMultiple, 1),
  };
}

function leastCommonMultiple(a: number, b: number): number {
  const greatestDivisor = (x: number, y: number): number =>
    y === 0 ? x : greatestDivisor(y, x % y);
  return (a / greatestDivisor(a, b)) * b;
}
