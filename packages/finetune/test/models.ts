import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';

// Suppresses tfjs's advice to install its native backend.
tf.env().set('IS_TEST', true);

/** A fixed, well-distributed tensor, the same in every run. */
export function wave(shape: number[], phase = 0): tf.Tensor {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(1 + phase + i * 1.7) * 2 + 0.5),
    shape,
  );
}

/** One-hot labels `[count, classes]`. */
export function labels(count: number, classes: number): tf.Tensor {
  return tf.tidy(() =>
    tf.cast(
      tf.oneHot(tf.mod(tf.range(0, count, 1, 'int32'), tf.scalar(classes, 'int32')), classes),
      'float32',
    ),
  );
}

/**
 * Gives every variable different values, so that no gradient vanishes by symmetry. Variances stay
 * positive.
 */
export function scramble(model: tfl.LayersModel): void {
  tf.tidy(() => {
    model.weights.forEach((variable, index) => {
      const shape = variable.shape as number[];
      const values = tf.mul(wave(shape, index), 0.3);
      variable.write(
        variable.originalName.endsWith('moving_variance') ? tf.add(tf.abs(values), 0.5) : values,
      );
    });
  });
}

type Apply = (x: tfl.SymbolicTensor) => tfl.SymbolicTensor;

function chain(...layers: tfl.layers.Layer[]): Apply {
  return (x) => layers.reduce((value, layer) => layer.apply(value) as tfl.SymbolicTensor, x);
}

/**
 * A small pre-activation residual network: inputs `[batch, 6, 6, 2]`, 3 classes. Its convolutions
 * have no bias, because the norms after them would leave a bias without gradient. Norms `b1_bn`,
 * `b2_bn`, `post_bn`.
 */
export function residualModel(
  options: { dropout?: boolean; scrambled?: boolean } = {},
): tfl.LayersModel {
  const {
    conv2d,
    batchNormalization,
    reLU,
    add,
    globalAveragePooling2d,
    dense,
    dropout,
    rescaling,
  } = tfl.layers;
  const input = tfl.input({ shape: [6, 6, 2], name: 'image' });
  let x = chain(
    rescaling({ scale: 0.5, name: 'scale' }),
    conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false, name: 'stem' }),
  )(input);
  for (const block of ['b1', 'b2']) {
    const branch = chain(
      batchNormalization({ name: `${block}_bn` }),
      reLU({ name: `${block}_relu` }),
      conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false, name: `${block}_conv` }),
    )(x);
    x = add({ name: `${block}_add` }).apply([x, branch]) as tfl.SymbolicTensor;
  }
  x = chain(
    batchNormalization({ name: 'post_bn' }),
    reLU({ name: 'post_relu' }),
    globalAveragePooling2d({ name: 'pool' }),
  )(x);
  if (options.dropout === true)
    x = dropout({ rate: 0.5, name: 'drop' }).apply(x) as tfl.SymbolicTensor;
  const output = dense({ units: 3, activation: 'softmax', name: 'predictions' }).apply(
    x,
  ) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs: output, name: 'residual' });
  if (options.scrambled !== false) scramble(model);
  return model;
}

/**
 * A typical user model: a nested trunk with two norms (`trunk/bn1`, `trunk/bn2`), a shared dense
 * layer, and a norm of its own.
 */
export function nestedModel(): tfl.LayersModel {
  const { conv2d, batchNormalization, activation, globalAveragePooling2d, dense, add } = tfl.layers;
  const inner = tfl.input({ shape: [6, 6, 2], name: 'trunk_image' });
  const trunk = tfl.model({
    name: 'trunk',
    inputs: inner,
    outputs: chain(
      conv2d({ filters: 3, kernelSize: 3, name: 'conv1' }),
      batchNormalization({ name: 'bn1' }),
      activation({ activation: 'tanh', name: 'act1' }),
      conv2d({ filters: 4, kernelSize: 3, name: 'conv2' }),
      batchNormalization({ name: 'bn2' }),
      globalAveragePooling2d({ name: 'pool' }),
    )(inner),
  });
  const image = tfl.input({ shape: [6, 6, 2], name: 'image' });
  const features = trunk.apply(image) as tfl.SymbolicTensor;
  const shared = dense({ units: 4, activation: 'tanh', name: 'shared' });
  const once = shared.apply(features) as tfl.SymbolicTensor;
  const twice = shared.apply(once) as tfl.SymbolicTensor;
  const sum = add({ name: 'sum' }).apply([once, twice]) as tfl.SymbolicTensor;
  const output = chain(
    batchNormalization({ name: 'head_bn' }),
    dense({ units: 3, activation: 'softmax', name: 'logits' }),
  )(sum);
  const model = tfl.model({ name: 'nested', inputs: image, outputs: output });
  scramble(model);
  return model;
}

/** Runs the model and discards the result, to see what a forward pass changes. */
export function forward(model: tfl.LayersModel, x: tf.Tensor, training: boolean): void {
  tf.dispose(model.apply(x, { training }) as tf.Tensor);
}

/** Overwrites a variable. */
export function write(variable: tfl.LayerVariable, data: ArrayLike<number>): void {
  const value = tf.tensor(Float32Array.from(data), variable.shape as number[]);
  variable.write(value);
  value.dispose();
}

/** The largest absolute difference between two tensors of the same shape. */
export function gap(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] ?? NaN);
}

/** The values of every variable, by layer and weight name. */
export function values(model: tfl.LayersModel): Record<string, number[]> {
  return Object.fromEntries(
    model.weights.map((variable) => [variable.name, Array.from(variable.read().dataSync())]),
  );
}

/** The layer of that name, in the model itself or in a nested one. */
export function layer(model: tfl.LayersModel, name: string): tfl.layers.Layer {
  const found = findLayer(model, name);
  if (found === undefined) throw new Error(`layer ${name} does not exist`);
  return found;
}

function findLayer(model: tfl.LayersModel, name: string): tfl.layers.Layer | undefined {
  for (const child of model.layers) {
    if (child.name === name) return child;
    const inner = child instanceof tfl.LayersModel ? findLayer(child, name) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Original weight names of variables: `post_bn/gamma`. */
export function names(variables: readonly tfl.LayerVariable[]): string[] {
  return variables.map(({ originalName }) => originalName.split('/').slice(-2).join('/'));
}
