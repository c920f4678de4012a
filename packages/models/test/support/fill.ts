/** MurmurHash3's finaliser. */
function mix(state: number): number {
  let h = state;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Numbers in [-1, 1) that depend only on the key and the index: `fill` of
 * scripts/make-keras-fixtures.py.
 */
export function fill(key: string, size: number): Float64Array {
  let seed = 0x811c9dc5; // FNV-1a
  for (const byte of new TextEncoder().encode(key)) seed = Math.imul(seed ^ byte, 0x01000193) >>> 0;
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++)
    values[i] = mix((seed + Math.imul(i, 0x9e3779b9)) | 0) * 2 ** -31 - 1;
  return values;
}

/** The weight of a layer before training: `weight` of scripts/make-keras-fixtures.py. */
export function initialWeight(layer: string, name: string, shape: number[]): Float32Array {
  const u = fill(
    `${layer}/${name}`,
    shape.reduce((product, side) => product * side, 1),
  );
  const out = new Float32Array(u.length);
  if (name === 'kernel') {
    const fanIn = shape.slice(0, -1).reduce((product, side) => product * side, 1);
    const scale = gain(layer) * Math.sqrt(6 / fanIn);
    for (let i = 0; i < u.length; i++) out[i] = u[i]! * scale;
    return out;
  }
  const nearOne = name === 'gamma' || name === 'moving_variance';
  const scale = name === 'moving_variance' ? varianceBefore(layer) : 1;
  for (let i = 0; i < u.length; i++) out[i] = nearOne ? (1 + 0.2 * u[i]!) * scale : 0.1 * u[i]!;
  return out;
}

/** `gain` of scripts/make-keras-fixtures.py, which explains it. */
function gain(layer: string): number {
  if (layer === 'predictions') return 1;
  if (layer === 'conv1_conv' || layer.endsWith('_0_conv')) return 10;
  return layer.endsWith('_3_conv') ? 1 : 3;
}

/** `variance_before` of scripts/make-keras-fixtures.py. */
function varianceBefore(norm: string): number {
  if (/_[12]_bn$/.test(norm)) return 9;
  return /(_preact|post)_bn$/.test(norm) ? 100 : 1;
}

/** `mobilenet_weight` of scripts/make-keras-fixtures.py, which explains it. */
export function mobileNetWeight(
  layer: string,
  name: string,
  shape: number[],
  smooth: boolean,
): Float32Array {
  const u = fill(
    `${layer}/${name}`,
    shape.reduce((product, side) => product * side, 1),
  );
  const beforeRelu = smooth && !layer.endsWith('project_BN');
  if (name === 'kernel') {
    const fanIn = layer.endsWith('depthwise')
      ? 9
      : shape.slice(0, -1).reduce((product, side) => product * side, 1);
    const scale = (layer === 'predictions' ? 1 : 3) * Math.sqrt(6 / fanIn);
    return Float32Array.from(u, (value) => value * scale);
  }
  if (name === 'gamma')
    return Float32Array.from(u, (value) => (beforeRelu ? 0.4 : 1) * (1 + 0.2 * value));
  if (name === 'moving_variance') return Float32Array.from(u, (value) => 9 * (1 + 0.2 * value));
  const offsets = name === 'beta' && beforeRelu ? [-4, 10, 3, 3, 3, 3, 3, 3] : [0];
  return Float32Array.from(u, (value, i) => 0.1 * value + offsets[i % offsets.length]!);
}

/**
 * Pixels in 0..255, [4, size, size, 3], `size` rows and columns: `images` of
 * scripts/make-keras-fixtures.py.
 */
export function images(size: number): Float32Array {
  const noise = fill('images', 4 * size * size * 3);
  return Float32Array.from(noise, (u, n) => {
    const [c, j, i, b] = [
      n % 3,
      Math.floor(n / 3) % size,
      Math.floor(n / (3 * size)) % size,
      Math.floor(n / (3 * size * size)),
    ];
    const ramp = (b * 37 + i * (b + 1) * 3 + j * (2 * b + 1) * 2 + c * 61) % 256;
    return 0.7 * ramp + 0.3 * 127.5 * (u + 1);
  });
}
