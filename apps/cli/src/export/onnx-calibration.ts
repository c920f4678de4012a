import { encodeOnnx } from '@fixres/models/onnx';
import { FixresRunnerError, type RunCalibration } from '@fixres/runner';
import type { ExportedModel } from './export-format.ts';
import { createSession, onnxRuntime, tensorOf } from './onnx-runtime.ts';

/**
 * Measures a model on training images with ONNX Runtime, for 8 bits.
 *
 * @param layout of the graph's input
 * @throws FixresRunnerError without images, or without ONNX Runtime
 */
export function onnxCalibration(
  calibration: ExportedModel['calibration'],
  layout: 'NHWC' | 'NCHW',
): RunCalibration {
  const runtime = onnxRuntime();
  if (typeof calibration === 'string') throw uncalibrated(calibration);
  if (typeof runtime === 'string') throw uncalibrated(runtime);
  return async function* run(graph) {
    const session = await createSession(runtime, encodeOnnx(graph));
    try {
      for await (const batch of calibration(layout)) {
        const results = await session.run({ [session.inputNames[0]!]: tensorOf(runtime, batch) });
        yield Object.fromEntries(
          Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
        );
      }
    } finally {
      await session.release();
    }
  };
}

function uncalibrated(why: string): FixresRunnerError {
  const message = `Option --precision is int8, which calibrates on training images with ONNX Runtime: ${why}.`;
  return new FixresRunnerError('bad-option', message);
}
