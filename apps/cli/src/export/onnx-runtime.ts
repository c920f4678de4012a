import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Package from 'onnxruntime-node';

export type OnnxRuntime = typeof Package;

const PACKAGE = 'onnxruntime-node';

/**
 * ONNX Runtime if it is installed beside fixres, or in the project that the command runs in;
 * otherwise why it cannot be used.
 */
export function onnxRuntime(
  places: readonly string[] = [import.meta.url, join(process.cwd(), 'package.json')],
): OnnxRuntime | string {
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
  return `the package ${PACKAGE} is not installed ("npm install ${PACKAGE}")`;
}
