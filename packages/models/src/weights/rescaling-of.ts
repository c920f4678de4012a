import { isJsonObject, type JsonValue } from '../card/json-value.ts';

/** `x * scale + offset`, as the layer Rescaling computes it. */
export interface Rescaling {
  scale: number;
  offset: number;
}

/**
 * Finds the first layer Rescaling in a model's configuration, also in models within it. Layers with a number for each channel are not
 * looked at.
 *
 * @param config `config` of `KerasWeights`
 */
export function rescalingOf(config: JsonValue | undefined): Rescaling | undefined {
  if (Array.isArray(config)) {
    for (const item of config as JsonValue[]) {
      const found = rescalingOf(item);
      if (found) return found;
    }
    return undefined;
  }
  if (!isJsonObject(config)) return undefined;
  const { class_name: className, config: own } = config;
  if (className === 'Rescaling' && isJsonObject(own) && typeof own.scale === 'number') {
    return { scale: own.scale, offset: typeof own.offset === 'number' ? own.offset : 0 };
  }
  return rescalingOf(isJsonObject(own) ? own.layers : undefined);
}
