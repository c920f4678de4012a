import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs-core';
import { fill } from './fill.ts';

/** A whole network, from scripts/make-networks-fixture.py. */
export interface KerasNetwork {
  keras: 2 | 3;
  name: string;
  /** Whether it is one of keras.applications with a fraction of the channels. */
  narrow?: boolean;
  /** Side of the image. */
  size: number;
  topology: object;
  /** With a factor on the values of the classifier's kernel, if it is not 1. */
  weights: { name: string; shape: number[]; scale?: number }[];
  probabilities: number[];
}

/** test/fixtures/keras-networks.json.gz */
export function kerasNetworks(): KerasNetwork[] {
  const packed = readFileSync(new URL('../fixtures/keras-networks.json.gz', import.meta.url));
  const { networks } = JSON.parse(gunzipSync(packed).toString()) as { networks: KerasNetwork[] };
  return networks;
}

/** The values of the weights: equals `weight` of the script. */
export function networkWeights({
  name,
  weights,
}: KerasNetwork): (Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>)[] {
  return weights.map((weight, i) => weightValues(`${name}/${i}`, weight));
}

function weightValues(
  key: string,
  { name: path, shape, scale: factor = 1 }: KerasNetwork['weights'][number],
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  const name = path.split('/').at(-1)!;
  const count = tf.util.sizeFromShape(shape);
  if (name === 'count') return new Int32Array(count);
  const isDepthwise = shape.length === 4 && (name.startsWith('depthwise') || shape[3] === 1);
  const fanIn = isDepthwise ? shape[0]! * shape[1]! : tf.util.sizeFromShape(shape.slice(0, -1));
  const [offset, scale] = name.endsWith('kernel')
    ? [0, Math.sqrt(6 / fanIn)]
    : ['gamma', 'moving_variance', 'variance'].includes(name)
      ? [1, 0.2]
      : [0, 0.1];
  return Float32Array.from(fill(key, count), (value) => offset + factor * scale * value);
}

/** The image of a network's probabilities, levels 0..255, [1, size, size, 3]. */
export function networkImage({ name, size }: KerasNetwork): tf.Tensor4D {
  const levels = Float32Array.from(
    fill(`${name}/image`, size * size * 3),
    (value) => 127.5 * (1 + value),
  );
  return tf.tensor4d(levels, [1, size, size, 3]);
}
