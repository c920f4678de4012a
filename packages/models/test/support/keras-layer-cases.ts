import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs-core';
import { fill } from './fill.ts';

/**
 * A model of one layer, or of one operation, from scripts/make-layer-fixtures.py. Shapes of inputs
 * exclude the batch, which is 2.
 */
export interface KerasLayerCase {
  keras: 2 | 3;
  /** Class of the layer. */
  layer: string;
  /**
   * The arguments that differ from the first value: empty, `padding=same`, or `random: ...` for
   * several at once.
   */
  setting: string;
  topology: object;
  weights: { name: string; shape: number[] }[];
  inputs: number[][];
  outputs: { shape: number[]; values: number[] }[];
  /** Gradients of the inputs, then of each weight. */
  gradients?: number[][];
}

interface KerasLayerFixture {
  keras: string;
  tfKeras: string;
  /** Classes that are arguments of other layers. */
  cells: string[];
  cases: KerasLayerCase[];
}

/** test/fixtures/keras-layers.json.gz */
export function kerasLayerFixture(): KerasLayerFixture {
  const packed = readFileSync(new URL('../fixtures/keras-layers.json.gz', import.meta.url));
  return JSON.parse(gunzipSync(packed).toString()) as KerasLayerFixture;
}

/** Writes the model as a folder, as tfjs's converter would. */
export function writeLayerModel(
  folder: string,
  { topology, weights, layer, setting }: KerasLayerCase,
): void {
  const values = weights.map(({ name, shape }, i) => {
    // The count of the layer Normalization.
    if (name.endsWith('/count')) return Int32Array.of(3);
    const filled = fill(`${layer}/${setting}/${i}`, tf.util.sizeFromShape(shape));
    return Float32Array.from(filled, (value) =>
      /[/_]variance$/.test(name) ? Math.abs(value) + 0.5 : value,
    );
  });
  writeKerasModel(folder, topology, weights, values);
}

/**
 * Writes a model folder as tfjs's converter does: with Keras's topology, and the weights under
 * Keras's names.
 */
export function writeKerasModel(
  folder: string,
  topology: object,
  weights: KerasLayerCase['weights'],
  values: (Float32Array | Int32Array)[],
): void {
  const specs = weights.map((weight, i) => ({
    ...weight,
    dtype: values[i] instanceof Int32Array ? 'int32' : 'float32',
  }));
  writeFileSync(
    join(folder, 'weights.bin'),
    Buffer.concat(values.map(({ buffer }) => Buffer.from(buffer))),
  );
  writeFileSync(
    join(folder, 'model.json'),
    JSON.stringify({
      modelTopology: topology,
      weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
    }),
  );
}

/** Inputs of the model. The caller (or the enclosing tidy) disposes them. */
export function layerInputs({ layer, setting, inputs }: KerasLayerCase): tf.Tensor[] {
  const integers = layer === 'Embedding' || layer === 'CategoryEncoding' ? 6 : undefined;
  return inputs.map((shape, i) => {
    const filled = fill(`${layer}/${setting}/input ${i}`, 2 * tf.util.sizeFromShape(shape));
    return tf.tensor(
      Float32Array.from(filled, (value) =>
        integers === undefined ? 4 * value : Math.floor(((value + 1) / 2) * integers),
      ),
      [2, ...shape],
    );
  });
}

/** The factors of the output in the loss of the gradients. */
export function lossFactors({ layer, setting, outputs: [output] }: KerasLayerCase): tf.Tensor {
  return tf.tensor(
    Float32Array.from(fill(`${layer}/${setting}/loss`, output!.values.length)),
    output!.shape,
  );
}
