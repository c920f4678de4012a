import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeOnnx } from '@fixres/models/onnx';
import { exportOnnx } from '@fixres/runner';
import type { InferenceSession } from 'onnxruntime-node';
import type {
  ExportedInterface,
  ExportedModel,
  FormatChoices,
  OpenedExport,
} from './export-format.ts';
import { exportedOutput } from './exported-output.ts';
import { onnxCalibration } from './onnx-calibration.ts';
import { createSession, onnxRuntime, tensorOf } from './onnx-runtime.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

const FILE = 'model.onnx';

export async function write(
  folder: string,
  { model, card, contract, calibration }: ExportedModel,
  {
    layout = contract?.layout ?? 'NHWC',
    withPreprocessing = false,
    precision = 'float32',
    kernelBits = 7,
  }: FormatChoices,
): Promise<ExportedInterface> {
  const graph = await exportOnnx(model, {
    contract,
    layout,
    preprocessing: withPreprocessing,
    precision,
    calibrate:
      precision === 'int8'
        ? onnxCalibration(calibration, withPreprocessing ? 'NCHW' : layout)
        : undefined,
    kernelBits,
  });
  const bytes = encodeOnnx(graph);
  const output = exportedOutput(model, contract);
  await writeWholeFolder(folder, card, async (partial) => {
    await mkdir(partial);
    await writeFile(join(partial, FILE), bytes);
  });
  return {
    files: [FILE],
    input: withPreprocessing ? 'levels' : 'prepared',
    layout,
    precision,
    ...(precision === 'int8' && { kernelBits }),
    output,
  };
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
