/**
 * Mixes a 32-bit state thoroughly (the finaliser of MurmurHash3, by Austin Appleby, public domain).
 */
function mix(state: number): number {
  let h = state;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The seed of one named layer: a hash of the model's seed and the name. In 1..2^31-1, so that Keras
 * and tfjs accept it unchanged in a saved model (0 sometimes means "unset").
 */
export function layerSeed(seed: number, name: string): number {
  let h = mix((seed >>> 0) ^ 0x9e3779b9) ^ mix(Math.floor(seed / 2 ** 32) | 0);
  for (const char of name) h = mix(h ^ char.codePointAt(0)!) + 0x9e3779b9;
  return (mix(h) % 0x7fffffff) + 1;
}

/**
 * Fills `values` with uniform numbers in [-limit, limit), 24 random bits each, by xoshiro128**
 * (Blackman and Vigna, public domain). The same seed produces the same numbers on every engine and
 * platform. Returns `values`.
 */
export function fillUniform(values: Float32Array, limit: number, seed: number): Float32Array {
  let a = mix(seed);
  let b = mix(a + 0x9e3779b9);
  let c = mix(b + 0x9e3779b9);
  let d = mix(c + 0x9e3779b9) | 1; // Never the all-zero state.
  const scale = limit * 2 ** -23;
  for (let i = 0; i < values.length; i++) {
    const product = Math.imul(b, 5);
    const bits = Math.imul((product << 7) | (product >>> 25), 9) >>> 8;
    values[i] = bits * scale - limit;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
  }
  return values;
}
