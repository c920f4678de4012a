// LiteRT:
//
//   fixres export runs/flowers --format tflite --out examples/browser/classify/public/model
//   cp -r examples/node_modules/@litertjs/core/wasm examples/browser/classify/public/litert
import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import { prepare } from './prepare.ts';
import type { LoadModel } from './runtime.ts';

export const load: LoadModel = async (contract) => {
  await loadLiteRt('litert/');
  const model = await loadAndCompile('model/model.tflite', { accelerator: 'wasm' });
  const { height, width } = contract.input;
  return async (photo) => {
    const images = new Tensor(prepare(photo, contract), [1, height, width, 3]);
    const outputs = await model.run([images]);
    const probabilities = Float32Array.from(outputs[0]!.toTypedArray());
    for (const tensor of [images, ...outputs]) tensor.delete();
    return probabilities;
  };
};
