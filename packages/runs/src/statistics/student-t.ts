/**
 * Probability that a variable of Student's t distribution lies between `-t` and `t`, by the finite series for whole degrees of
 * freedom.
 *
 * Source: M. Abramowitz and I. Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4.
 *
 * @param t at least 0; may be infinite.
 * @param degrees degrees of freedom, a whole number of at least 1.
 */
export function studentTWithin(t: number, degrees: number): number {
  requireDegrees(degrees);
  if (!(t >= 0)) throw new RangeError(`t must be at least 0, got ${t}.`);
  if (t === Infinity) return 1;
  const theta = Math.atan(t / Math.sqrt(degrees));
  const cos2 = Math.cos(theta) ** 2;
  const odd = degrees % 2 === 1;
  // Powers of the cosine with the parity of the degrees, up to degrees - 2.
  let term = odd ? Math.cos(theta) : 1;
  let sum = 0;
  for (let power = odd ? 1 : 0; power <= degrees - 2; power += 2) {
    sum += term;
    term *= (cos2 * (power + 1)) / (power + 2);
  }
  // Rounding must not make it more than certain.
  return Math.min(1, odd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum);
}

/**
 * The `t` with the given probability between `-t` and `t`.
 *
 * @param probability in the open interval (0, 1).
 */
export function studentTQuantile(probability: number, degrees: number): number {
  requireDegrees(degrees);
  if (!(probability > 0 && probability < 1))
    throw new RangeError(`probability must be between 0 and 1, got ${probability}.`);
  let low = 0;
  let high = 1;
  while (studentTWithin(high, degrees) < probability) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (studentTWithin(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return high;
}

function requireDegrees(degrees: number): void {
  if (!(Number.isInteger(degrees) && degrees >= 1))
    throw new RangeError(`degrees must be a whole number of at least 1, got ${degrees}.`);
}
