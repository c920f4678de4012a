import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { isJsonObject, type JsonValue } from '../card/json-value.ts';

/** A layer as `loadLayersModel` sees it. */
interface BuiltLayer {
  /** Whether its weights will be set before they are read. */
  fastWeightInitDuringBuild: boolean;
  addWeight: AddWeight;
}

type FromConfig = (
  cls: unknown,
  config: unknown[] | Record<string, unknown>,
  customObjects: unknown,
  fastWeightInit: boolean,
) => tf.serialization.Serializable;

type AddWeight = (
  this: BuiltLayer,
  name: string,
  shape: number[],
  dtype: tf.DataType | undefined,
  initializer: { apply(shape: number[], dtype?: tf.DataType): tf.Tensor },
  ...rest: unknown[]
) => unknown;

type JsonObject = Readonly<Record<string, JsonValue>>;

/** A setting of a model's configuration, which {@link skipInitialWeights} adds. */
const SKIPS = 'skipInitialWeights';

const models = ['Model', 'Functional', 'Sequential'];

let isRegistered = false;

/**
 * Makes `loadLayersModel` create the weights of a topology without values, even if it gets no weights: tfjs
 * fills them with zeros or random numbers first, which takes as much time and memory as the weights
 * of the file. Set all weights before they are read.
 *
 * @returns the topology, marked
 */
export function skipInitialWeights(topology: JsonObject): JsonObject {
  register();
  const { model_config: wrapped, class_name: className, config } = topology;
  if (isJsonObject(wrapped)) return { ...topology, model_config: skipInitialWeights(wrapped) };
  return models.includes(className as string) && isJsonObject(config)
    ? { ...topology, config: { ...config, [SKIPS]: true } }
    : topology;
}

function register(): void {
  if (isRegistered) return;
  isRegistered = true;
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  for (const name of models) {
    const [type, fromConfig] = classNameMap[name]!;
    const create = fromConfig as FromConfig;
    const createMarked: FromConfig = (cls, config, customObjects, isFast) => {
      // Before Keras 2.3 the configuration of a Sequential was its list of layers.
      if (Array.isArray(config) || config[SKIPS] !== true)
        return create(cls, config, customObjects, isFast);
      const { [SKIPS]: _, ...own } = config;
      return create(cls, own, customObjects, true);
    };
    classNameMap[name] = [type, createMarked as typeof fromConfig];
  }
  const prototype = layers.Layer.prototype as unknown as BuiltLayer;
  const { addWeight } = prototype;
  prototype.addWeight = function (name, shape, dtype, initializer, ...rest) {
    if (!this.fastWeightInitDuringBuild)
      return addWeight.call(this, name, shape, dtype, initializer, ...rest);
    // With the flag, the layer would ignore the initializer.
    this.fastWeightInitDuringBuild = false;
    try {
      return addWeight.call(this, name, shape, dtype, { apply: unset }, ...rest);
    } finally {
      this.fastWeightInitDuringBuild = true;
    }
  };
}

/** A tensor of any shape whose data is one number, to be replaced before it is read. */
function unset(shape: number[], dtype: tf.DataType = 'float32'): tf.Tensor {
  const dataId = tf.backend().write(new Float32Array(1), [1], 'float32');
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
}
