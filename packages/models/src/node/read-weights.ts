import { closeSync, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { type WeightGroup, weightBytes } from '../topology/weights-manifest.ts';
import { damaged } from './model-json.ts';

/** Parts of the backends through which the bytes of a weight take the shortest way. */
interface DirectBackend {
  /** Of wasm: memory without values. */
  makeOutput?: (shape: number[], dtype: tf.DataType) => tf.TensorInfo;
  /** Of wasm: a view that the next allocation may detach. */
  typedArrayFromHeap?: (info: tf.TensorInfo) => Float32Array;
  /** Of tensorflow: copies values that it still has to TensorFlow, as the first op would. */
  getInputTensorIds?: (tensors: tf.Tensor[]) => number[];
}

/** Bytes after which other work has its turn. */
const TURN = 16 * 2 ** 20;

/**
 * Checks that the files of weights have the bytes that the manifest lists.
 *
 * @throws FixresModelsError `damaged-model`
 */
export async function checkWeightFiles(
  folder: string,
  groups: readonly WeightGroup[],
): Promise<void> {
  for (const { paths, weights } of groups) {
    const sizes = await Promise.all(paths.map((path) => fileSize(join(folder, path))));
    const actual = sizes.reduce((sum, size) => sum + size, 0);
    const expected = weights.reduce((sum, spec) => sum + weightBytes(spec), 0);
    if (actual !== expected) {
      throw damaged(
        `${join(folder, paths.join(', '))} has ${actual} bytes; the weights that model.json lists have ${expected}`,
      );
    }
  }
}

/**
 * Reads weights, each straight into the memory of its tensor if the backend allows it. An array of all bytes, and
 * copies of its parts, would need the memory of the weights three times.
 *
 * @param onWeight receives each weight in the order of the groups, and owns it
 * @throws FixresModelsError `damaged-model` for files that became shorter since {@link checkWeightFiles}
 */
export async function readWeights(
  folder: string,
  groups: readonly WeightGroup[],
  onWeight: (weight: tf.Tensor) => void,
): Promise<void> {
  const staging = new ArrayBuffer(isNative() ? UNALIGNED + largestOf(groups) : 0);
  let sinceTurn = 0;
  for (const { paths, weights } of groups) {
    const bytes = new ConcatenatedFiles(paths.map((path) => join(folder, path)));
    try {
      for (const spec of weights) {
        onWeight(readWeight(spec, bytes, staging));
        sinceTurn += weightBytes(spec);
        if (sinceTurn < TURN) continue;
        sinceTurn = 0;
        await setImmediate();
      }
    } finally {
      bytes.close();
    }
  }
}

/** Whether weights go to native TensorFlow. */
function isNative(): boolean {
  return (tf.backend() as DirectBackend).getInputTensorIds !== undefined;
}

/**
 * Where weights begin in the array that serves them all. TensorFlow keeps arrays at addresses that it can compute
 * with, and copies others; no array begins there.
 */
const UNALIGNED = 4;

/** Bytes of the largest weight. */
function largestOf(groups: readonly WeightGroup[]): number {
  return groups
    .flatMap(({ weights }) => weights)
    .reduce((most, spec) => Math.max(most, weightBytes(spec)), 0);
}

/** @param staging for native TensorFlow, an array that the next weight overwrites */
function readWeight(
  spec: tf.io.WeightsManifestEntry,
  bytes: ConcatenatedFiles,
  staging: ArrayBuffer,
): tf.Tensor {
  const size = weightBytes(spec);
  const { shape, dtype, quantization, name } = spec;
  if (dtype !== 'float32' || quantization !== undefined) {
    const own = new Uint8Array(size);
    bytes.readInto(own);
    return tf.io.decodeWeights(own.buffer, [spec])[name]!;
  }
  const backend = tf.backend() as DirectBackend;
  if (backend.makeOutput && backend.typedArrayFromHeap) {
    const info = backend.makeOutput(shape, dtype);
    const weight = tf.engine().makeTensorFromTensorInfo(info);
    const { buffer, byteOffset } = backend.typedArrayFromHeap(info);
    bytes.readInto(new Uint8Array(buffer, byteOffset, size));
    return weight;
  }
  const [buffer, start] = isNative() ? [staging, UNALIGNED] : [new ArrayBuffer(size), 0];
  bytes.readInto(new Uint8Array(buffer, start, size));
  const weight = tf.tensor(new Float32Array(buffer, start, size / 4), shape, dtype);
  backend.getInputTensorIds?.([weight]);
  return weight;
}

/** Files that are read as one, from the start to the end. */
class ConcatenatedFiles {
  readonly #paths: string[];
  #file: number | undefined;

  constructor(paths: readonly string[]) {
    this.#paths = [...paths];
  }

  /** Fills an array with the next bytes. */
  readInto(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      this.#file ??= this.#openNext();
      const read = readSync(this.#file, bytes, done, bytes.length - done, null);
      if (read === 0) this.close();
      done += read;
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #openNext(): number {
    const path = this.#paths.shift();
    if (path === undefined) throw damaged('A file of weights became shorter while it was read');
    return openSync(path, 'r');
  }
}

async function fileSize(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    (cause: unknown) => {
      throw damaged(`${file} is missing`, cause);
    },
  );
}
