// ONNX Runtime, with the preprocessing in the model:
//
//   fixres export runs/flowers --format onnx --with-preprocessing --out examples/browser/classify/public/model
//   mkdir examples/browser/classify/public/onnx
//   cp examples/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm examples/browser/classify/public/onnx
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import type { LoadModel } from './runtime.ts';

export const load: LoadModel = async () => {
  env.wasm.wasmPaths = { wasm: new URL('onnx/ort-wasm-simd-threaded.wasm', document.baseURI) };
  // Several threads need a page that is isolated from other origins.
  env.wasm.numThreads = 1;
  const session = await InferenceSession.create('model/model.onnx');
  return async ({ data, width, height }) => {
    const levels = new Tensor('uint8', Uint8Array.from(data), [1, height, width, 3]);
    const { output } = await session.run({ levels });
    return (await output!.getData()) as Float32Array;
  };
};
