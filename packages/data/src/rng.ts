/**
 * Seeded random numbers. Streams are addressed, not consumed: what happens to image 17 in epoch 3
 * depends only on `createRandom(seed, 'view', 3, 17)`, never on the order of the workers, so runs
 * repeat and resume exactly.
 */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** A whole number, uniform in 0 .. n-1. `n` must be from 1 to 2^32. */
  int(n: number): number;
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number;
}

/**
 * A generator (sfc32, Chris Doty-Humphrey, PractRand) whose state is hashed from the seed and the
 * stream's address.
 *
 * @param seed any finite number
 * @param stream what the numbers are for: purpose, epoch, index and so on
 */
export function createRandom(seed: number, ...stream: (number | string)[]): Random {
  const state = hashState(JSON.stringify([seed, ...stream]));
  // Two outputs at once: reading and writing the state takes half of the time.
  const next = (): number => {
    let [a, b, c] = [state[0]!, state[1]!, state[2]!];
    const d = state[3]!;
    const high = (((a + b) | 0) + d) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + high) | 0;
    const low = (((a + b) | 0) + d + 1) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = (c + (c << 3)) | 0;
    state[2] = (((c << 21) | (c >>> 11)) + low) | 0;
    state[3] = d + 2;
    return ((high >>> 0) * 0x200000 + (low >>> 11)) / 0x20000000000000;
  };
  // The first outputs still resemble the hashed state.
  for (let i = 0; i < 6; i++) next();

  return {
    next,
    uniform: (low, high) => low + (high - low) * next(),
    int: (n) => Math.floor(next() * n),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** 128 bits of state from text: four 32-bit multiply-xor lanes, finished as in MurmurHash3. */
function hashState(text: string): Int32Array {
  const lanes = Int32Array.of(0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef);
  const multipliers = [0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1] as const;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    for (let lane = 0; lane < 4; lane++) {
      const mixed = Math.imul(lanes[lane]! ^ code, multipliers[lane]!);
      lanes[lane] = (mixed << 13) | (mixed >>> 19);
    }
  }
  for (let lane = 0; lane < 4; lane++) {
    let h = lanes[lane]! ^ lanes[(lane + 1) % 4]! ^ text.length;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    lanes[lane] = h ^ (h >>> 16);
  }
  return lanes;
}
