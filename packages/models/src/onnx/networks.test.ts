import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { relativeError } from '../../test/support/compare.ts';
import { setEngine } from '../../test/support/engines.ts';
import { fill } from '../../test/support/fill.ts';
import { kerasNetworks, networkImage, networkModel } from '../../test/support/keras-networks.ts';
import { type ComparedGraph, compareInLiteRt, runTflite } from '../../test/support/litert.ts';
import { runOnnx } from '../../test/support/onnx-session.ts';
import { torchFixture, torchImage, torchTensors } from '../../test/support/torch-networks.ts';
import { mobileNetV2 } from '../architectures/mobilenet-v2.ts';
import { resNet14V2 } from '../architectures/resnet-v2.ts';
import { tfliteFromOnnx } from '../tflite/tflite-from-onnx.ts';
import { createTorchModel } from '../torch/create-torch-model.ts';
import { onnxFromModel } from './onnx-from-model.ts';

beforeAll(() => setEngine('wasm'));

const networks = kerasNetworks();

it.each(
  networks.filter(({ keras }) => keras === 3).map((network) => [network.name, network] as const),
)('%s predicts the same in ONNX Runtime as in Keras, and some in LiteRT', async (_, network) => {
  const model = await networkModel(network);
  const graph = await onnxFromModel(model);
  const image = networkImage(network);
  const [output] = await runOnnx(graph, [image]);
  expect(relativeError(output!.data as Float32Array, network.probabilities)).toBeLessThan(1e-5);
  // Opening LiteRT takes time, and these have all kinds of operators.
  if (['MobileNetV3Small', 'ConvNeXtTiny', 'DenseNet121', 'nested'].includes(network.name)) {
    const [probabilities] = await runTflite(
      tfliteFromOnnx(graph, { sides: [network.size, network.size] }),
      [image],
    );
    expect(relativeError(probabilities!, network.probabilities)).toBeLessThan(1e-5);
  }
  model.dispose();
});

const rescaling = { scale: 1 / 127.5, offset: -1 };
const own = [
  {
    name: 'resnet14v2',
    create: () => resNet14V2({ classes: 5, width: 8, rescaling }),
    input: 'own',
    // Those that follow an addition or a pool: there is no layer before them to multiply into.
    norms: 5,
  },
  {
    name: 'mobilenetv2',
    create: () => mobileNetV2({ classes: 5, alpha: 0.35, rescaling }),
    input: 'channels-first',
    norms: 0,
  },
] as const;

it.each(own)(
  '$name with the input $input predicts the same in ONNX Runtime at every size, and in LiteRT',
  async ({ name, create, input, norms }) => {
    const model = create();
    fillStatistics(model);
    const graph = await onnxFromModel(model, { input });
    for (const [batch, height, width] of [
      [1, 64, 64],
      [2, 47, 64],
      [3, 33, 50],
    ] as const) {
      const levels = tf.tensor4d(
        Float32Array.from(fill(name, batch * height * width * 3), (u) => 127.5 * (1 + u)),
        [batch, height, width, 3],
      );
      const expected = model.predict(levels) as tf.Tensor;
      const given = input === 'own' ? levels : tf.transpose(levels, [0, 3, 1, 2]);
      const [output] = await runOnnx(graph, [given]);
      expect(output!.dims).toEqual([batch, 5]);
      expect(relativeError(output!.data as Float32Array, expected.dataSync())).toBeLessThan(1e-5);
      if (batch === 1) {
        const tflite = tfliteFromOnnx(await onnxFromModel(model), { sides: [height, width] });
        const [probabilities] = await runTflite(tflite, [levels]);
        expect(relativeError(probabilities!, expected.dataSync())).toBeLessThan(1e-5);
      }
      tf.dispose([levels, given, expected]);
    }
    expect(graph.nodes.filter(({ op }) => op === 'BatchNormalization').length).toBe(norms);
    model.dispose();
  },
);

const transformers = torchFixture().networks.filter(({ heads }) => heads !== undefined);

it.each(transformers.map((network) => [network.name, network] as const))(
  '%s predicts the same in ONNX Runtime as in PyTorch at every size',
  async (name, network) => {
    const { model } = createTorchModel(torchTensors(network), { heads: network.heads });
    const graph = await onnxFromModel(model, { input: 'channels-first' });
    for (const [size, probabilities] of Object.entries(network.probabilities)) {
      const image = tf.tidy(() =>
        tf.transpose(torchImage(`${name}/${size}`, Number(size)), [0, 3, 1, 2]),
      );
      const [output] = await runOnnx(graph, [image]);
      expect(relativeError(output!.data as Float32Array, probabilities)).toBeLessThan(1e-5);
      image.dispose();
    }
    model.dispose();
  },
);

it('vision transformers predict the same in LiteRT as in PyTorch, for other grids of patches too', async () => {
  const compared: ComparedGraph[] = [];
  for (const network of transformers) {
    const { model } = createTorchModel(torchTensors(network), { heads: network.heads });
    const graph = await onnxFromModel(model);
    for (const [size, values] of Object.entries(network.probabilities)) {
      const name = `${network.name}/${size}`;
      const inputs = [torchImage(name, Number(size))];
      const outputs = [{ shape: [1, values.length], values }];
      compared.push({ name, className: '', graph, inputs, outputs });
    }
    model.dispose();
  }
  const { count, wrong, refused } = await compareInLiteRt(compared);
  tf.dispose(compared.flatMap(({ inputs }) => inputs));
  expect([wrong, refused.size]).toEqual([[], 0]);
  expect(count).toBeGreaterThan(transformers.length);
});

/** Running statistics as after training, so that a wrong normalisation changes the result. */
function fillStatistics(model: LayersModel): void {
  for (const layer of model.layers)
    for (const weight of layer.weights) {
      const spread = {
        gamma: [1, 0.3],
        beta: [0, 0.3],
        moving_mean: [0, 0.3],
        moving_variance: [1, 0.3],
      }[weight.originalName.split('/').at(-1)!];
      if (spread === undefined) continue;
      const size = weight.shape[0]!;
      const values = Array.from(
        fill(layer.name + weight.originalName, size),
        (u) => spread[0]! + spread[1]! * u,
      );
      tf.tidy(() => {
        weight.write(tf.tensor1d(values));
      });
    }
}
