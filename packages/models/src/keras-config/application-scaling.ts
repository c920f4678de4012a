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

/** The first of the names that a model of `keras.applications` has; undefined if none is. */
export function applicationScaling(names: readonly string[]): ApplicationScaling | undefined {
  for (const name of names)
    for (const [pattern, scaling] of APPLICATIONS)
      if (pattern.test(name.toLowerCase())) return { name, scaling };
  return undefined;
}
