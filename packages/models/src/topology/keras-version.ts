import { isJsonObject, type JsonValue } from '../card/json-value.ts';

/**
 * The Keras version whose formulas and settings a topology uses: Keras 3, or Keras 2 and tf_keras.
 */
export type KerasVersion = 2 | 3;

/**
 * The Keras version that wrote a topology. Undefined: tfjs wrote it, and its layers mean what tfjs
 * computes.
 *
 * model.json and HDF5 files state the version. The configuration in a `.keras` file does not, but
 * Keras 3 writes shapes, types and calls in its own form.
 */
export function kerasVersion(topology: JsonValue): KerasVersion | undefined {
  const said = versionOf(topology);
  if (said !== undefined)
    return said.startsWith('tfjs') ? undefined : Number.parseInt(said) >= 3 ? 3 : 2;
  return isOfKeras3(topology) ? 3 : 2;
}

function versionOf(topology: JsonValue): string | undefined {
  if (!isJsonObject(topology)) return undefined;
  const { keras_version: outside, model_config: inside } = topology;
  return typeof outside === 'string'
    ? outside
    : inside === undefined
      ? undefined
      : versionOf(inside);
}

function isOfKeras3(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.some(isOfKeras3);
  if (!isJsonObject(value)) return false;
  if (
    value.batch_shape !== undefined ||
    value.class_name === 'DTypePolicy' ||
    value.class_name === '__keras_tensor__'
  )
    return true;
  return Object.values(value).some(isOfKeras3);
}
