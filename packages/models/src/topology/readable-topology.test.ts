import { expect, it } from 'vitest';
import type { JsonValue } from '../card/json-value.ts';
import { readableTopology } from './readable-topology.ts';

type JsonObject = Readonly<Record<string, JsonValue>>;

const float32 = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' } };
const tensor = (name: string): JsonObject => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 4, 4, 3], keras_history: [name, 0, 0] },
});

/** A functional Keras 3 model with one layer after its input. */
function modelOf(
  className: string,
  config: JsonObject,
  { module = 'keras.layers', kwargs = {}, args = [tensor('image')] as JsonValue[] } = {},
): JsonObject {
  const layers = [
    {
      module: 'keras.layers',
      class_name: 'InputLayer',
      name: 'image',
      config: { name: 'image', batch_shape: [null, 4, 4, 3], dtype: 'float32' },
      inbound_nodes: [],
    },
    {
      module,
      class_name: className,
      name: 'tested',
      config: { name: 'tested', trainable: true, dtype: float32, ...config },
      inbound_nodes: [{ args, kwargs }],
    },
  ];
  return {
    module: 'keras',
    class_name: 'Functional',
    config: {
      name: 'model',
      layers,
      input_layers: ['image', 0, 0],
      output_layers: ['tested', 0, 0],
    },
  };
}

function testedLayer(topology: JsonObject): JsonObject {
  return ((topology.config as JsonObject).layers as JsonObject[]).at(-1)!;
}

it.each<[string, JsonObject, string]>([
  [
    'an unknown class',
    modelOf('Lambda', { function: 'f' }),
    '(Lambda) is of an unsupported class.',
  ],
  [
    'a class that is an initializer in tfjs',
    modelOf('Orthogonal', {}),
    '(Orthogonal) is of an unsupported class.',
  ],
  [
    'an unknown setting',
    modelOf('Dense', { units: 3, lora_rank: 4 }),
    '(Dense) has lora_rank=4, an unsupported setting.',
  ],
  [
    'an activation',
    modelOf('Dense', { units: 3, activation: 'sparsemax' }),
    '(Dense) has activation="sparsemax"; celu, elu, ',
  ],
  [
    'a user-defined activation',
    modelOf('Activation', { activation: { class_name: 'function', config: 'mine' } }),
    '(Activation) has activation={"class_name":"function","config":"mine"}; ',
  ],
  [
    'groups of volumes',
    modelOf('Conv3D', { filters: 2, kernel_size: [1, 1, 1], groups: 2 }),
    '(Conv3D) has groups=2; 1 is supported.',
  ],
  [
    'padding',
    modelOf('Conv1D', { filters: 2, kernel_size: [2], padding: 'causal' }),
    '(Conv1D) has padding="causal"; "valid" and "same" are supported.',
  ],
  [
    'strides beyond the window',
    modelOf('Conv2D', { filters: 2, kernel_size: [3, 3], strides: [4, 4], padding: 'same' }),
    '(Conv2D) has padding="same" and strides=[4,4] larger than its window [3,3]; with padding="valid" they are supported.',
  ],
  [
    'output padding',
    modelOf('Conv2DTranspose', { filters: 2, kernel_size: [2, 2], output_padding: [1, 1] }),
    '(Conv2DTranspose) has output_padding=[1,1]; only layers without it are supported.',
  ],
  [
    'a regularizer',
    modelOf('Dense', {
      units: 3,
      kernel_regularizer: { class_name: 'OrthogonalRegularizer', config: {} },
    }),
    '(Dense) has kernel_regularizer="OrthogonalRegularizer"; L1, L2 and L1L2 are supported.',
  ],
  [
    'a constraint',
    modelOf('Dense', { units: 3, bias_constraint: { class_name: 'Mine', config: {} } }),
    '(Dense) has bias_constraint="Mine"; MaxNorm, MinMaxNorm, NonNeg and UnitNorm are supported.',
  ],
  [
    'a call in training mode',
    modelOf('Dropout', { rate: 0.5 }, { kwargs: { training: true } }),
    '(Dropout) is called with training=True: ',
  ],
  [
    'a class that is not augmentation, in spite of its name',
    modelOf('RandomFourierFeatures', { output_dim: 3 }),
    '(RandomFourierFeatures) ',
  ],
  [
    'an operation',
    modelOf('Power', {}, { module: 'keras.src.ops.numpy', args: [tensor('image'), 2] }),
    '(Power) is an unsupported operation; arithmetic of a tensor with numbers, ',
  ],
  [
    'an operation of two tensors',
    modelOf(
      'Subtract',
      {},
      { module: 'keras.src.ops.numpy', args: [tensor('image'), tensor('image')] },
    ),
    '(Subtract) is an unsupported operation; ',
  ],
  [
    'an operation with another axis',
    modelOf('Softmax', { axis: 1 }, { module: 'keras.src.ops.nn' }),
    '(Softmax) is an unsupported operation; ',
  ],
])(
  '%s is rejected with the layer, what was found and what is supported',
  (_, topology, message) => {
    let thrown: unknown;
    try {
      readableTopology(topology, 'a/model.json');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'unsupported-model',
      message: expect.stringContaining(`Layer "tested" of a/model.json ${message}`) as string,
    });
    expect((thrown as Error).message).not.toContain('\n');
  },
);

it('a quantised layer is rejected', () => {
  const int8 = {
    module: 'keras',
    class_name: 'QuantizedDTypePolicy',
    config: { mode: 'int8', source_name: 'float32' },
  };
  expect(() => readableTopology(modelOf('Dense', { units: 3, dtype: int8 }), 'model.json')).toThrow(
    'Layer "tested" is quantised (dtype policy int8)',
  );
});

it.each<[string, JsonObject, JsonObject]>([
  ['numbers on the left', { args: [1, tensor('image')] }, { scale: -1, offset: 1 }],
  ['numbers on the right', { args: [tensor('image'), 0.5] }, { scale: 1, offset: -0.5 }],
  [
    'arrays',
    {
      args: [
        tensor('image'),
        { class_name: '__numpy__', config: { value: [[[1, 2, 3]]], dtype: 'float32' } },
      ],
    },
    { scale: 1, offset: [-1, -2, -3] },
  ],
])('subtraction of %s becomes a Rescaling layer', (_, call, config) => {
  const topology = modelOf(
    'Subtract',
    {},
    { module: 'keras.src.ops.numpy', ...(call as { args: JsonValue[] }) },
  );
  const read = testedLayer(readableTopology(topology, 'model.json'));
  expect(read).toMatchObject({
    class_name: 'Rescaling',
    name: 'tested',
    config: { name: 'tested', ...config },
    inbound_nodes: [[['image', 0, 0, {}]]],
  });
});

it('training settings are kept, under their tfjs names', () => {
  const config = {
    units: 3,
    kernel_initializer: {
      module: 'keras.initializers',
      class_name: 'LecunNormal',
      config: { seed: 3, input_axes: null },
    },
    bias_initializer: { class_name: 'Mine', config: {} },
    kernel_regularizer: { module: 'keras.regularizers', class_name: 'L2', config: { l2: 0.01 } },
    kernel_constraint: { module: 'keras.constraints', class_name: 'NonNeg', config: {} },
    dtype: { ...float32, config: { name: 'mixed_bfloat16' } },
  };
  expect(testedLayer(readableTopology(modelOf('Dense', config), 'model.json')).config).toEqual({
    name: 'tested',
    trainable: true,
    dtype: 'float32',
    units: 3,
    kernel_initializer: { class_name: 'LeCunNormal', config: { seed: 3, input_axes: null } },
    bias_initializer: null,
    kernel_regularizer: { class_name: 'L1L2', config: { l1: 0, l2: 0.01 } },
    kernel_constraint: { class_name: 'NonNeg', config: {} },
  });
});

it('an activation name has the meaning of the Keras version that wrote it', () => {
  const config = { activation: 'hard_sigmoid' };
  const activation = (keras: object): JsonValue =>
    (
      testedLayer(readableTopology({ ...modelOf('Activation', config), ...keras }, 'model.json'))
        .config as JsonObject
    ).activation!;
  // The form is that of Keras 3.
  expect(activation({})).toBe('keras3_hard_sigmoid');
  expect(activation({ keras_version: '3.5.0' })).toBe('keras3_hard_sigmoid');
  expect(activation({ keras_version: '2.15.0' })).toBe('hard_sigmoid');
  expect(activation({ keras_version: 'tfjs-layers 4.22.0' })).toBe('hard_sigmoid');
});

it('layers of a Sequential are also read from their place in the first releases of Keras 2', () => {
  const layers = [
    {
      class_name: 'Dense',
      config: { name: 'first', units: 3, batch_input_shape: [null, 4], activation: 'hard_sigmoid' },
    },
    { class_name: 'ReLU', config: { name: 'second', negative_slope: 0.1 } },
  ];
  const read = readableTopology(
    { keras_version: '2.1.6', model_config: { class_name: 'Sequential', config: layers } },
    'model.json',
  );
  expect(read).toMatchObject({
    model_config: {
      config: [
        { class_name: 'Dense', config: { activation: 'hard_sigmoid' } },
        { class_name: 'KerasReLU', config: { negative_slope: 0.1 } },
      ],
    },
  });
});

it('a topology that tfjs wrote stays unchanged, but an unknown class is rejected', () => {
  const byTfjs = (className: string): JsonObject => ({
    keras_version: 'tfjs-layers 4.22.0',
    model_config: modelOf(className, { height: 2, width: 2 }),
  });
  const read = readableTopology(byTfjs('CenterCrop'), 'model.json');
  expect(testedLayer(read.model_config as JsonObject)).toMatchObject({
    class_name: 'CenterCrop',
    config: { height: 2, width: 2 },
  });
  expect(() => readableTopology(byTfjs('Mine'), 'model.json')).toThrow(
    'Layer "tested" of model.json (Mine) is of an unsupported class.',
  );
});
