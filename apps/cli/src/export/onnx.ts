import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outputActivation } from '@fixres/models';
import { encodeOnnx } from '@fixres/models/onnx';
import { exportOnnx, FixresRunnerError, type RunCalibration } from '@fixres/runner';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type {
  ExportedInterface,
  ExportedModel,
  FormatChoices,
  OpenedExport,
} from './export-format.ts';
import { type OnnxRuntime, onnxRuntime } from './onnx-runtime.ts';
import type { ModelInput } from './prepared-images.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

const FILE = 'model.onnx';

export async function write(
  folder: string,
  { model, card, contract, calibration }: ExportedModel,
  {
    layout = contract?.layout ?? 'NHWC',
    withPreprocessing = false,
    precision = 'float32',
  }: FormatChoices,
): Promise<ExportedInterface> {
  const graph = await exportOnnx(model, {
    contract,
    layout,
    preprocessing: withPreprocessing,
    precision,
    calibrate:
      precision === 'int8'
        ? calibrator(calibration, withPreprocessing ? 'NCHW' : layout)
        : undefined,
  });
  const bytes = encodeOnnx(graph);
  const ends = outputActivation(model);
  await writeWholeFolder(folder, card, async (partial) => {
    await mkdir(partial);
    await writeFile(join(partial, FILE), bytes);
  });
  return {
    files: [FILE],
    input: withPreprocessing ? 'levels' : 'prepared',
    layout,
    precision,
    // With a contract, the graph also converts logits.
    output: ends === 'softmax' || (contract && ends === 'linear') ? 'probabilities' : 'logits',
  };
}

/** @throws FixresRunnerError without images, or without ONNX Runtime */
function calibrator(
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

export async function open(file: string): Promise<OpenedExport | string> {
  const runtime = onnxRuntime();
  if (typeof runtime === 'string') return runtime;
  const version = runtime.env.versions.node!;
  let session: InferenceSession;
  try {
    session = await createSession(runtime, await readFile(file));
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    return `onnxruntime-node ${version} cannot open it: ${line}`;
  }
  return {
    runtime: { name: 'onnxruntime-node', version },
    run: async (batch) => {
      const results = await session.run({ [session.inputNames[0]!]: tensorOf(runtime, batch) });
      return results[session.outputNames[0]!]!.data as Float32Array;
    },
    close: () => session.release(),
  };
}

function createSession(
  { InferenceSession }: OnnxRuntime,
  model: Uint8Array,
): Promise<InferenceSession> {
  // Only errors: it warns of fallbacks that only cost time.
  return InferenceSession.create(model, { logSeverityLevel: 3 });
}

function tensorOf({ Tensor }: OnnxRuntime, { values, dims }: ModelInput): Tensor {
  return values instanceof Uint8Array
    ? new Tensor('uint8', values, dims)
    : new Tensor('float32', values, dims);
}
