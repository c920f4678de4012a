/** Probabilities of logits, in double precision. */
export function softmax(logits: readonly number[]): number[] {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((total, each) => total + each, 0);
  return powers.map((each) => each / sum);
}
