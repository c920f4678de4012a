import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';
import { snakeCase } from '../weights/keras-layers.ts';
import { isOperation } from './is-operation.ts';
import { refuseQuantised } from './refuse-quantised.ts';

type JsonObject = Readonly<Record<string, JsonValue>>;

/** A layer in a configuration. */
export interface LayerEntry {
  className: string;
  name: string;
  config: JsonObject;
  calls: readonly JsonValue[];
  path: string;
  isFunction: boolean;
}

/** Classes of models, and how Keras 3 names them in paths. */
export const MODEL_CLASSES: Readonly<Record<string, string>> = {
  Sequential: 'sequential',
  Functional: 'functional',
  Model: 'functional',
};

/**
 * The layers of a configuration, with the paths that Keras 3 gives them in a weights file.
 *
 * @param path of the model that has them; empty for the outermost
 */
export function entriesOf(
  layers: readonly JsonValue[],
  path: string,
  isSequential: boolean,
): LayerEntry[] {
  const used = new Map<string, number>();
  return layers.map((layer) => {
    if (!isJsonObject(layer) || typeof layer.class_name !== 'string' || !isJsonObject(layer.config))
      throw damaged('a layer has no class or configuration');
    const { class_name: className, config, inbound_nodes: calls } = layer;
    refuseQuantised(config);
    const key = MODEL_CLASSES[className] ?? snakeCase(className);
    const number = used.get(key) ?? 0;
    // A Sequential does not count its input among its layers.
    if (!(isSequential && className === 'InputLayer')) used.set(key, number + 1);
    return {
      className,
      name: (layer.name ?? config.name ?? className) as string,
      config,
      calls: Array.isArray(calls) ? (calls as JsonValue[]) : [],
      path: `${path}layers/${number === 0 ? key : `${key}_${number}`}`,
      isFunction: isOperation(layer),
    };
  });
}

export function damaged(what: string): FixresModelsError {
  return new FixresModelsError(
    'bad-weights-file',
    `The configuration of the model is damaged: ${what}.`,
  );
}
