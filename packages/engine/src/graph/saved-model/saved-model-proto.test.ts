// @module-tag native-engine
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadedNative } from '../../native/load-native.ts';
import { useEngine } from '../../use-engine.ts';
import { DataType } from '../graph-backend.ts';
import { type Attribute, Graph } from '../graph-node.ts';
import { savedModelBytes } from './saved-model-proto.ts';

/** A message of the classes that TensorFlow's definitions were compiled to, in tfjs-node. */
type Decoded = Record<`get${string}`, () => Decoded> & { toObject: () => unknown };

async function decoded(bytes: Uint8Array): Promise<Decoded> {
  await useEngine({ engine: 'tensorflow' });
  const file = join(loadedNative()!.folder, 'dist', 'proto', 'api_pb.js');
  const messages = createRequire(import.meta.url)(file) as {
    SavedModel: { deserializeBinary: (bytes: Uint8Array) => Decoded };
  };
  return messages.SavedModel.deserializeBinary(bytes);
}

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');

it.each<[Attribute, object]>([
  [{ kind: 'string', value: 'ü\u{1f4f7}' }, { s: base64('ü\u{1f4f7}') }],
  [{ kind: 'string', value: '' }, { s: '' }],
  [{ kind: 'int', value: -1 }, { i: -1 }],
  [{ kind: 'int', value: 2 ** 40 }, { i: 2 ** 40 }],
  [{ kind: 'float', value: 1e-5 }, { f: Math.fround(1e-5) }],
  [{ kind: 'bool', value: false }, { b: false }],
  [{ kind: 'type', value: DataType.bfloat16 }, { type: 14 }],
  [{ kind: 'shape', value: [] }, { shape: { dimList: [] } }],
  [
    { kind: 'shape', value: [-1, 0, 300] },
    { shape: { dimList: [{ size: -1 }, { size: 0 }, { size: 300 }] } },
  ],
  [
    { kind: 'shapes', value: [[2], []] },
    { list: { shapeList: [{ dimList: [{ size: 2 }] }, { dimList: [] }] } },
  ],
  [{ kind: 'function', value: 'decode' }, { func: { name: 'decode' } }],
  [{ kind: 'ints', value: [1, -2, 300] }, { list: { iList: [1, -2, 300] } }],
  [{ kind: 'ints', value: [] }, { list: { iList: [] } }],
  [{ kind: 'floats', value: [0.5, -2] }, { list: { fList: [0.5, -2] } }],
  [{ kind: 'bools', value: [true, false] }, { list: { bList: [true, false] } }],
  [{ kind: 'strings', value: ['BiasAdd', ''] }, { list: { sList: [base64('BiasAdd'), ''] } }],
  [{ kind: 'types', value: [1, 1] }, { list: { typeList: [1, 1] } }],
  [
    {
      kind: 'tensor',
      value: { shape: [2, 1], type: DataType.float32, values: Float32Array.of(1, -2) },
    },
    {
      tensor: {
        dtype: 1,
        tensorShape: { dimList: [{ size: 2 }, { size: 1 }] },
        tensorContent: base64(new Uint8Array(Float32Array.of(1, -2).buffer)),
      },
    },
  ],
])('an attribute is what TensorFlow reads: %j', async (attribute, expected) => {
  const graph = new Graph();
  graph.add('ü', 'NoOp', { attributes: [['a', attribute]] });
  const model = await decoded(savedModelBytes(graph));
  expect(model.toObject()).toMatchObject({
    savedModelSchemaVersion: 1,
    metaGraphsList: [
      {
        metaInfoDef: { tagsList: ['serve'] },
        graphDef: {
          nodeList: [{ name: 'ü', op: 'NoOp', attrMap: [['a', expected]] }],
          versions: { producer: 1000 },
        },
      },
    ],
  });
});

it('inputs, functions and signatures are what TensorFlow reads', async () => {
  const graph = new Graph();
  const spec = { shape: [2], type: DataType.float32 };
  const x = graph.add('x', 'Placeholder', { outputs: [spec] });
  const many = graph.add('many', 'Split', {
    inputs: [{ node: x, index: 0 }],
    outputs: [spec, spec],
  });
  const y = graph.add('y', 'Neg', {
    inputs: [{ node: many, index: 1 }],
    controls: [x, x],
    outputs: [spec],
  });
  const body = new Graph();
  const argument = body.add('bytes', 'Placeholder', {
    outputs: [{ shape: [], type: DataType.string }],
  });
  const image = body.add('image', 'DecodeJpeg', {
    inputs: [{ node: argument, index: 0 }],
    outputs: [{ shape: [-1], type: DataType.uint8 }],
  });
  const result = body.add('same', 'Identity', {
    inputs: [{ node: image, index: 0 }],
    outputs: [{ shape: [-1], type: DataType.uint8 }],
  });
  const bytes = savedModelBytes({
    nodes: graph.nodes,
    functions: [
      { name: 'decode', nodes: body.nodes, argument, result: { node: result, index: 0 } },
    ],
    signatures: new Map([
      [
        'serving_default',
        {
          inputs: new Map([['ä', { output: { node: x, index: 0 }, shape: [-1, 2] }]]),
          outputs: new Map([['y', { output: { node: y, index: 0 }, shape: [] }]]),
        },
      ],
    ]),
  });
  expect((await decoded(bytes)).toObject()).toMatchObject({
    metaGraphsList: [
      {
        graphDef: {
          nodeList: [{ inputList: [] }, { inputList: ['x'] }, { inputList: ['many:1', '^x'] }],
          library: {
            functionList: [
              {
                signature: {
                  name: 'decode',
                  inputArgList: [{ name: 'bytes', type: DataType.string }],
                  outputArgList: [{ name: 'result', type: DataType.uint8 }],
                },
                nodeDefList: [
                  { name: 'image', inputList: ['bytes'] },
                  { name: 'same', inputList: ['image:image:0'] },
                ],
                retMap: [['result', 'same:output:0']],
              },
            ],
          },
        },
        signatureDefMap: [
          [
            'serving_default',
            {
              inputsMap: [
                [
                  'ä',
                  { name: 'x:0', dtype: 1, tensorShape: { dimList: [{ size: -1 }, { size: 2 }] } },
                ],
              ],
              outputsMap: [['y', { name: 'y:0', dtype: 1, tensorShape: { dimList: [] } }]],
              methodName: 'tensorflow/serving/predict',
            },
          ],
        ],
      },
    ],
  });
});
