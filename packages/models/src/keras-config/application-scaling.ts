import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { MODEL_CLASSES } from './layer-entries.ts';

type JsonObject = Readonly<Record<string, JsonValue>>;

/** A model of `keras.applications`, and the mode of its `preprocess_input`. */
export interface ApplicationScaling {
  /** Name of the model in the file, for example `resnet50`. */
  name: string;
  /** `plus-minus-one` is Keras's mode `tf`. */
  scaling: 'plus-minus-one' | 'torch' | 'caffe';
}

/**
 * By the names that `keras.applications` gives its models; models of the other families scale the
 * image themselves.
 */
const APPLICATIONS: readonly (readonly [RegExp, ApplicationScaling['scaling']])[] = [
  [/^(?:resnet(?:50|101|152)|vgg(?:16|19))$/, 'caffe'],
  [/^densenet(?:121|169|201)$/, 'torch'],
  [
    /^(?:resnet(?:50|101|152)v2|mobilenet(?:v2)?_[\d.]+_\d+|xception|inception_v3|inception_resnet_v2|nasnet(?:_mobile|_large)?)$/,
    'plus-minus-one',
  ],
];

/**
 * By the first name in the configuration of a model, or of the models inside it, that
 * `keras.applications` gives; undefined if there is none.
 */
export function applicationScaling(config: JsonObject): ApplicationScaling | undefined {
  for (const name of modelNames(config))
    for (const [pattern, scaling] of APPLICATIONS)
      if (pattern.test(name.toLowerCase())) return { name, scaling };
  return undefined;
}

/** The names of a model and of its nested models. */
function modelNames({ class_name: className, config }: JsonObject): string[] {
  if (typeof className !== 'string' || !Object.hasOwn(MODEL_CLASSES, className)) return [];
  if (!isJsonObject(config)) return [];
  const { name, layers } = config;
  return [
    ...(typeof name === 'string' ? [name] : []),
    ...(Array.isArray(layers)
      ? (layers as JsonValue[]).filter(isJsonObject).flatMap(modelNames)
      : []),
  ];
}
