// TensorFlow.js:
//
//   fixres export runs/flowers --format tfjs --out examples/browser/classify/public/model
//   cp -r examples/node_modules/@tensorflow/tfjs-backend-wasm/dist examples/browser/classify/public/tfjs
import { outputActivation } from '@fixres/models';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { prepare } from './prepare.ts';
import type { LoadModel } from './runtime.ts';

export const load: LoadModel = async (contract) => {
  setWasmPaths('tfjs/');
  await tf.setBackend('wasm');
  // @fixres/models knows the layers that TensorFlow.js does not have.
  const model = await loadLayersModel('model/model.json');
  const hasLogits = outputActivation(model) !== 'softmax';
  const { height, width } = contract.input;
  return async (photo) => {
    const probabilities = tf.tidy(() => {
      const images = tf.tensor4d(prepare(photo, contract), [1, height, width, 3]);
      const output = model.predict(images) as tf.Tensor;
      return hasLogits ? tf.softmax(output) : output;
    });
    try {
      return await probabilities.data<'float32'>();
    } finally {
      probabilities.dispose();
    }
  };
};
