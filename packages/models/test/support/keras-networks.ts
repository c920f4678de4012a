import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { temporaryFolder } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { JsonValue } from '../../src/card/json-value.ts';
import { createKerasModel } from '../../src/keras-config/create-keras-model.ts';
import { loadModelFolder } from '../../src/node/load-model-folder.ts';
import type { KerasWeights, SavedLayer } from '../../src/weights/keras-weights.ts';
import { fill } from './fill.ts';
import { writeKerasModel } from './keras-layer-cases.ts';

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
function networkWeights({
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

/** The network as it is read from an .h5 file, with the arrays of each layer under its name. */
export function networkFile(network: KerasNetwork): KerasWeights {
  const layers = new Map<string, SavedLayer>();
  for (const [i, values] of networkWeights(network).entries()) {
    const { name, shape } = network.weights[i]!;
    const [array, layer] = name.split('/').reverse() as [string, string];
    if (array === 'count') continue;
    const saved = layers.get(layer) ?? { name: layer, path: layer, arrays: [] };
    saved.arrays.push({ name: array, shape, values: values as Float32Array<ArrayBuffer> });
    layers.set(layer, saved);
  }
  return {
    layout: 'legacy',
    layers: [...layers.values()],
    config: network.topology as Record<string, JsonValue>,
  };
}

/** The network as `loadModelFolder` reads it; the caller disposes it. */
export async function networkInFolder(network: KerasNetwork): Promise<LayersModel> {
  const folder = await temporaryFolder();
  writeKerasModel(folder, network.topology, network.weights, networkWeights(network));
  return (await loadModelFolder(folder)).model;
}

/** The network, read as its file is; the caller disposes it. */
export async function networkModel(network: KerasNetwork): Promise<LayersModel> {
  // The narrow ones have the weights of a file of Keras.
  return network.narrow
    ? (await createKerasModel(networkFile(network))).model
    : networkInFolder(network);
}

/** The image of a network's probabilities, levels 0..255, [1, size, size, 3]. */
export function networkImage({ name, size }: KerasNetwork): tf.Tensor4D {
  const levels = Float32Array.from(
    fill(`${name}/image`, size * size * 3),
    (value) => 127.5 * (1 + value),
  );
  return tf.tensor4d(levels, [1, size, size, 3]);
}
