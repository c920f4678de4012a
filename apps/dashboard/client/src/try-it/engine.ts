import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plainWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';

/** Engines in the page, the fastest first. */
const pageEngines = ['webgpu', 'webgl', 'wasm', 'cpu'] as const;
export type PageEngine = (typeof pageEngines)[number];

setWasmPaths({
  'tfjs-backend-wasm.wasm': plainWasm,
  'tfjs-backend-wasm-simd.wasm': simdWasm,
  'tfjs-backend-wasm-threaded-simd.wasm': threadedWasm,
});

/**
 * Starts the selected engine; by default, the first that works here. WebGL is used only with 32-bit
 * floats: half precision would give other probabilities than in training.
 *
 * @throws Error if the selected engine does not work here
 */
export async function startEngine(wanted?: PageEngine): Promise<PageEngine> {
  const tried = wanted ? [wanted] : pageEngines;
  for (const name of tried) {
    const works = await tf.setBackend(name).catch(() => false);
    if (works && (name !== 'webgl' || tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED'))) {
      await tf.ready();
      return name;
    }
  }
  throw new Error(`The engine ${tried.join(', ')} does not work in this browser.`);
}
