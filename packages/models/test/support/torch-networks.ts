import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs-core';
import type { SavedTensor } from '../../src/torch/read-safetensors.ts';
import { fill } from './fill.ts';

/** A network of timm or torchvision, from scripts/make-torch-network-fixtures.py. */
export interface TorchNetworkCase {
  name: string;
  /** The architecture that it has been made from. */
  architecture: string;
  /** With a factor on the values of the classifier's kernel. */
  tensors: { name: string; shape: number[]; scale?: number }[];
  /** Number of attention heads. */
  heads?: number;
  /** By size of the image. */
  probabilities: Record<string, number[]>;
}

const folder = new URL('../fixtures/torch-networks/', import.meta.url);

/** test/fixtures/torch-networks/networks.json.gz */
export function torchFixture(): {
  networks: TorchNetworkCase[];
  halfPrecision: number[];
  transformed: number[];
  tuned: { name: string; labels: number[]; rate: number; probabilities: number[][] };
  products: {
    name: string;
    size: number;
    label: number;
    /** By tensor: the sum of its gradient times its squares. */
    sums: Record<string, number>;
    multiplyAdds: number;
  };
  types: Record<string, number[]>;
} {
  return JSON.parse(
    gunzipSync(readFileSync(new URL('networks.json.gz', folder))).toString(),
  ) as ReturnType<typeof torchFixture>;
}

/** Bytes of a file in test/fixtures/torch-networks. */
export function torchFile(name: string): Uint8Array {
  return readFileSync(new URL(name, folder));
}

/** The tensors of a network: equals `value` of scripts/torch_values.py. */
export function torchTensors({ name, tensors }: TorchNetworkCase): Map<string, SavedTensor> {
  return new Map(
    tensors.map(({ name: key, shape, scale = 1 }) => [
      key,
      { dtype: 'F32', shape, values: () => values(`${name}/${key}`, key, shape, scale) },
    ]),
  );
}

function values(key: string, name: string, shape: readonly number[], factor: number): Float32Array {
  const last = name.slice(name.lastIndexOf('.') + 1);
  const count = tf.util.sizeFromShape([...shape]);
  const isFactor =
    ['gamma', 'layer_scale', 'running_var'].includes(last) ||
    (last === 'weight' && shape.length === 1);
  const [offset, scale] = isFactor
    ? [1, 0.2]
    : last === 'weight'
      ? [0, Math.sqrt(4 / tf.util.sizeFromShape(shape.slice(1)))]
      : [0, 0.1];
  return Float32Array.from(fill(key, count), (value) => factor * (offset + scale * value));
}

/** The image of the script with this key, [1, size, size, 3] in -1..1. */
export function torchImage(key: string, size: number): tf.Tensor4D {
  return tf.tensor4d(Float32Array.from(fill(key, size * size * 3)), [1, size, size, 3]);
}
