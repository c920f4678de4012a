import { createRandom } from '@fixres/data';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { groupsOf } from '../evaluation/groups-of.ts';
import { classifierLayer } from './classifier-layer.ts';
import { residualBranches } from './residual-branches.ts';

/** Noise of a training beside that of the model's own layers. Inference and exports have none. */
export interface TrainingNoise {
  /**
   * Stochastic depth (Huang et al. 2016): probability, 0 to below 1, with which an image skips the
   * branch of the last residual block; it grows linearly from 0 for the first block, as in timm. The
   * other images' branches are scaled up. Default 0.
   */
  dropPath?: number | undefined;
  /** Dropout of the classifier's inputs, 0 to below 1. Default 0. */
  dropout?: number | undefined;
}

/** A layer at run time. */
interface CallableLayer {
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor;
}

/** The dropout layer of tfjs at run time. */
interface DropoutLayer extends CallableLayer {
  readonly rate: number;
  readonly noiseShape?: readonly (number | null)[] | null;
}

/** A layer whose call draws random numbers in training. */
interface NoisyLayer {
  layer: CallableLayer;
  /** Its output in training. */
  train: (inputs: tf.Tensor[], seed: tf.Tensor) => tf.Tensor;
  /** Its output in inference, if that is not the layer's own. */
  infer?: CallableLayer['call'];
}

interface NativeKernels {
  readonly binding: { TF_ATTR_TYPE: number; TF_FLOAT: number; TF_INT32: number };
  executeSingleOutput(
    name: string,
    attributes: { name: string; type: number; value: number }[],
    inputs: tf.Tensor[],
  ): tf.Tensor;
}

/** Layers that draw random numbers in training that cannot be seeded here. */
const otherNoise: ReadonlySet<string> = new Set([
  'AlphaDropout',
  'GaussianDropout',
  'GaussianNoise',
  'SpatialDropout1D',
]);

/**
 * Seeds the dropouts of a model while `run` runs, eagerly or recorded into a graph, and adds `noise`.
 * tfjs draws from `Math.random`, so that no run could be repeated, or uses the same mask at every
 * step; and a graph would always keep one mask. The masks follow from the seed and the layer's place
 * in the model alone; on the native engine they are the same eagerly and in a graph.
 *
 * @param seed int32 [1], from {@link stepSeed}: another one for every step
 */
export function withSeededDropout<T>(
  model: LayersModel,
  seed: tf.Tensor,
  run: () => T,
  noise: TrainingNoise = {},
): T {
  const noisy = noisyLayers(model, noise);
  const before = noisy.map(({ layer, train, infer }) => {
    const own = Object.getOwnPropertyDescriptor(layer, 'call');
    const usual = layer.call.bind(layer);
    layer.call = (inputs, kwargs) =>
      kwargs.training === true
        ? tf.tidy(() => train(Array.isArray(inputs) ? inputs : [inputs], seed))
        : (infer ?? usual)(inputs, kwargs);
    return own;
  });
  try {
    return run();
  } finally {
    for (const [i, { layer }] of noisy.entries()) {
      Reflect.deleteProperty(layer, 'call');
      if (before[i]) Object.defineProperty(layer, 'call', before[i]);
    }
  }
}

/**
 * The seed of a step, from the seed of the run and the number of steps so far.
 *
 * @param options.part which of the accumulated parts of the step's batch, from 0
 * @param options.rank the process of a cluster; each has its own
 */
export function stepSeed(
  seed: number,
  steps: number,
  { part = 0, rank = 0 }: { part?: number; rank?: number | undefined } = {},
): number {
  const address = rank > 0 ? [part, rank] : part > 0 ? [part] : [];
  return createRandom(seed, 'dropout', steps, ...address).int(2 ** 31);
}

/** Whether a model draws random numbers in training. */
export function hasDropout(model: LayersModel, noise: TrainingNoise = {}): boolean {
  return noisyLayers(model, noise).length > 0;
}

/** Names of layers whose noise cannot be seeded, with their classes. */
export function unseededLayers(model: LayersModel): string[] {
  return leavesOf(model).flatMap((layer) =>
    otherNoise.has(layer.getClassName()) ? [`"${layer.name}" (${layer.getClassName()})`] : [],
  );
}

/** Places of the masks that are not those of dropout layers, beyond the number of any model's layers. */
const BRANCHES = 1_000_000;
const CLASSIFIER = 2_000_000;

function noisyLayers(
  model: LayersModel,
  { dropPath = 0, dropout = 0 }: TrainingNoise,
): NoisyLayer[] {
  const dropouts = dropoutsOf(model).map((layer, place): NoisyLayer => ({
    layer,
    train: ([x], seed) => drop(x!, layer, seed, place),
    // The layer of tfjs would return its input itself, which is disposed separately.
    infer: (inputs) => (Array.isArray(inputs) ? inputs[0]! : inputs).clone(),
  }));
  const branches = dropPath === 0 ? [] : residualBranches(model, groupsOf(model));
  const paths = branches.flatMap(({ layer, input, depth }, i): NoisyLayer[] => {
    const rate = dropPath * depth;
    if (rate === 0) return [];
    return [
      {
        layer: layer as unknown as CallableLayer,
        train: (inputs, seed) => {
          const branch = inputs[input]!;
          const noiseShape = branch.shape.map((size, axis) => (axis === 0 ? size : 1));
          const kept = drop(branch, { rate, noiseShape }, seed, BRANCHES + i);
          return tf.add(inputs[1 - input]!, kept);
        },
      },
    ];
  });
  if (dropout === 0) return [...dropouts, ...paths];
  const layer = classifierLayer(model) as unknown as CallableLayer;
  const usual = layer.call.bind(layer);
  const classifier: NoisyLayer = {
    layer,
    train: ([x], seed) => usual(drop(x!, { rate: dropout }, seed, CLASSIFIER), { training: true }),
  };
  return [...dropouts, ...paths, classifier];
}

function dropoutsOf(model: LayersModel): DropoutLayer[] {
  return leavesOf(model).flatMap((layer) => {
    if (layer.getClassName() !== 'Dropout' || Object.hasOwn(layer, 'call')) return [];
    const dropout = layer as unknown as DropoutLayer;
    // At a rate of 1, the layer of tfjs changes nothing.
    return dropout.rate > 0 && dropout.rate < 1 ? [dropout] : [];
  });
}

function leavesOf(model: LayersModel): LayersModel['layers'] {
  return model.layers.flatMap((layer) =>
    'layers' in layer ? leavesOf(layer as LayersModel) : [layer],
  );
}

/** Inverted dropout, like tfjs: the remaining values are scaled up by 1 / (1 - rate). */
function drop(
  x: tf.Tensor,
  { rate, noiseShape }: Pick<DropoutLayer, 'rate' | 'noiseShape'>,
  seed: tf.Tensor,
  place: number,
): tf.Tensor {
  const shape = x.shape.map((size, axis) => noiseShape?.[axis] ?? size);
  const keep = 1 - rate;
  return tf.mul(x, tf.div(tf.floor(tf.add(uniform(shape, seed, place), keep)), keep));
}

/** Numbers in [0, 1). */
function uniform(shape: number[], seed: tf.Tensor, place: number): tf.Tensor {
  if (tf.getBackend() !== 'tensorflow') {
    const random = createRandom(seed.dataSync()[0]!, 'mask', place);
    return tf.tensor(
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => Math.fround(random.next())),
      shape,
    );
  }
  const backend = tf.backend() as unknown as NativeKernels;
  const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = backend.binding;
  const types = { dtype: TF_FLOAT, Tseed: TF_INT32, T: TF_INT32 };
  const attributes = Object.entries(types).map(([name, value]) => ({
    name,
    type: TF_ATTR_TYPE,
    value,
  }));
  return backend.executeSingleOutput('StatelessRandomUniform', attributes, [
    tf.tensor1d(shape, 'int32'),
    tf.concat([seed, tf.tensor1d([place], 'int32')]),
  ]);
}
