import type * as tf from '@tensorflow/tfjs-core';
import { isJsonObject, type JsonValue } from '../card/json-value.ts';

const DEPTHWISE: readonly (JsonValue | undefined)[] = ['DepthwiseConv2D', 'KerasDepthwiseConv2D'];

/** Weights by the names that tfjs looks for: what it calls `depthwise_kernel` is `kernel` in Keras 3. */
export function tfjsWeightNames(topology: JsonValue, weights: readonly tf.io.WeightsManifestEntry[]): tf.io.WeightsManifestEntry[] {
  const depthwise = new Set(depthwiseLayers(topology));
  return weights.map((weight) => {
    const [layer, kernel] = weight.name.split('/').slice(-2);
    return kernel === 'kernel' && depthwise.has(layer!) ? { ...weight, name: weight.name.replace(/kernel$/, 'depthwise_kernel') } : weight;
  });
}

function depthwiseLayers(value: JsonValue): string[] {
  if (Array.isArray(value)) return (value as JsonValue[]).flatMap(depthwiseLayers);
  if (!isJsonObject(value)) return [];
  const { class_name: className, config } = value;
  if (DEPTHWISE.includes(className) && isJsonObject(config) && typeof config.name === 'string') return [config.name];
  return Object.values(value).flatMap(depthwiseLayers);
}
