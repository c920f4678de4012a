import type * as tf from '@tensorflow/tfjs-core';
import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { isModel } from './is-model.ts';

const DEPTHWISE: readonly JsonValue[] = ['DepthwiseConv2D', 'KerasDepthwiseConv2D'];

/**
 * Renames weights to the names that tfjs looks up. Keras 3 puts name scopes and Sequential models
 * before the name of the layer, and writes `kernel` for `depthwise_kernel`. The weights of an
 * attention are those of layers inside it: `query/kernel`.
 */
export function tfjsWeightNames(
  topology: JsonValue,
  weights: readonly tf.io.WeightsManifestEntry[],
): tf.io.WeightsManifestEntry[] {
  const classes = new Map(layersOf(topology));
  return weights.map((weight) => {
    const parts = weight.name.split('/');
    for (let start = 0; start < parts.length; start++) {
      // In Keras 2, names of layers contain slashes as well.
      for (let end = start + 1; end < parts.length; end++) {
        const layer = parts.slice(start, end).join('/');
        if (!classes.has(layer)) continue;
        const rest = parts.slice(end).join('/');
        return { ...weight, name: `${layer}/${ownName(classes.get(layer)!, rest)}` };
      }
    }
    return weight;
  });
}

function ownName(className: JsonValue, name: string): string {
  if (name === 'kernel' && DEPTHWISE.includes(className)) return 'depthwise_kernel';
  return className === 'KerasMultiHeadAttention' ? name.replace('/', '_') : name;
}

/** Names and classes of all layers that are not models, including those of nested models. */
function layersOf(value: JsonValue): (readonly [name: string, className: JsonValue])[] {
  if (Array.isArray(value)) return (value as JsonValue[]).flatMap(layersOf);
  if (!isJsonObject(value)) return [];
  const { class_name: className, config } = value;
  const isLayer =
    className !== undefined &&
    !isModel(value) &&
    isJsonObject(config) &&
    typeof config.name === 'string';
  return [
    ...(isLayer ? [[config.name as string, className] as const] : []),
    ...Object.values(value).flatMap(layersOf),
  ];
}
