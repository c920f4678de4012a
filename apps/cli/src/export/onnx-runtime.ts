import { createRequire } from 'node:module';
import type * as Package from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelInput } from './prepared-images.ts';
import { notInstalled, searchedPlaces } from './searched-places.ts';

export type OnnxRuntime = typeof Package;

const PACKAGE = 'onnxruntime-node';

/**
 * ONNX Runtime if it is installed beside fixres, or in the project that the command runs in;
 * otherwise why it cannot be used.
 */
export function onnxRuntime(places: readonly string[] = searchedPlaces()): OnnxRuntime | string {
  for (const place of places) {
    const require = createRequire(place);
    try {
      require.resolve(PACKAGE);
    } catch {
      continue;
    }
    try {
      return require(PACKAGE) as OnnxRuntime;
    } catch (error) {
      const [line] = (error as Error).message.split('\n');
      return `the package ${PACKAGE} cannot be loaded: ${line}`;
    }
  }
  return notInstalled(PACKAGE);
}

export function createSession(
  { InferenceSession }: OnnxRuntime,
  model: Uint8Array,
): Promise<InferenceSession> {
  // Only errors: it warns of fallbacks that only cost time.
  return InferenceSession.create(model, { logSeverityLevel: 3 });
}

export function tensorOf({ Tensor }: OnnxRuntime, { values, dims }: ModelInput): Tensor {
  return values instanceof Uint8Array
    ? new Tensor('uint8', values, dims)
    : new Tensor('float32', values, dims);
}
