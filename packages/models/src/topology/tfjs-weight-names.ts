import type * as tf from '@tensorflow/tfjs-core';
import { isJsonObject, type JsonValue } from '../card/json-value.ts';

const DEPTHWISE: readonly (JsonValue | undefined)[] = ['DepthwiseConv2D', 'KerasDepthwiseConv2D'];

/**
 * Weights by the names that tfjs looks for: what it calls `depthwise_kernel` is `kernel` in Keras 3, which also puts name scopes before the
 * name of a layer.
 */
export function tfjsWeightNames(topology: JsonValue, weights: readonly tf.io.WeightsManifestEntry[]): tf.io.WeightsManifestEntry[] {
  const classes = new Map(layersOf(topology));
  return weights.map((weight) => {
    const parts = weight.name.split('/');
    if (parts.length < 2) return weight;
    const last = parts.at(-1)!;
    // In Keras 2 names of layers have slashes as well.
    const whole = parts.slice(0, -1).join('/');
    const inScope = !classes.has(whole) && !classes.has(parts[0]!) && classes.has(parts.at(-2)!);
    const layer = inScope ? parts.at(-2)! : whole;
    return { ...weight, name: `${layer}/${last === 'kernel' && DEPTHWISE.includes(classes.get(layer)) ? 'depthwise_kernel' : last}` };
  });
}

/** Names and classes of all layers, those inside of others included. */
function layersOf(value: JsonValue): (readonly [name: string, className: JsonValue])[] {
  if (Array.isArray(value)) return (value as JsonValue[]).flatMap(layersOf);
  if (!isJsonObject(value)) return [];
  const { class_name: className, config } = value;
  const own = className !== undefined && isJsonObject(config) && typeof config.name === 'string' ? [[config.name, className] as const] : [];
  return [...own, ...Object.values(value).flatMap(layersOf)];
}
