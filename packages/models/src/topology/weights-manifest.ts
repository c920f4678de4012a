import * as tf from '@tensorflow/tfjs-core';
import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';

/** Weights whose bytes are concatenated in some files. */
export interface WeightGroup {
  /** Names of files in the model folder. */
  paths: string[];
  weights: tf.io.WeightsManifestEntry[];
}

const bytesOf: Readonly<Record<string, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/**
 * Checks the `weightsManifest` of a model.json. Strings and complex numbers are rejected, because
 * no layer has such weights.
 *
 * @throws FixresModelsError `damaged-model`
 */
export function parseWeightGroups(manifest: JsonValue | undefined, where: string): WeightGroup[] {
  const bad = (what: string): FixresModelsError =>
    new FixresModelsError('damaged-model', `The weightsManifest of ${where} ${what}.`);
  if (!Array.isArray(manifest)) throw bad('is not a list');
  return (manifest as JsonValue[]).map((group) => {
    if (!isJsonObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights))
      throw bad('has an entry that is not { paths, weights }');
    for (const path of group.paths as JsonValue[]) {
      if (typeof path !== 'string' || !/^[\w.-]+$/.test(path) || /^\.*$/.test(path))
        throw bad(`names ${JSON.stringify(path)}, which is not in the folder`);
    }
    for (const spec of group.weights as JsonValue[]) {
      if (!isWeightSpec(spec))
        throw bad(`has an invalid weight: ${JSON.stringify(spec).slice(0, 200)}`);
    }
    return { paths: group.paths as string[], weights: group.weights };
  });
}

/** Size in bytes of a weight of {@link parseWeightGroups} in its file. */
export function weightBytes({ shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  return tf.util.sizeFromShape(shape) * bytesOf[quantization?.dtype ?? dtype]!;
}

function isWeightSpec(spec: JsonValue): boolean {
  if (!isJsonObject(spec) || typeof spec.name !== 'string' || !Array.isArray(spec.shape))
    return false;
  const { shape, dtype, quantization } = spec;
  const stored = isJsonObject(quantization) ? quantization.dtype : dtype;
  const isSide = (side: unknown): boolean => Number.isSafeInteger(side) && (side as number) >= 0;
  return typeof stored === 'string' && Object.hasOwn(bytesOf, stored) && shape.every(isSide);
}
