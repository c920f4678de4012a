import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeOnnx } from '@fixres/models/onnx';
import { exportOnnx } from '@fixres/runner';
import type {
  ExportedInterface,
  ExportedModel,
  FormatChoices,
  OpenedExport,
} from './export-format.ts';
import { onnxRuntime } from './onnx-runtime.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

const FILE = 'model.onnx';

export async function write(
  folder: string,
  { model, card, contract }: ExportedModel,
  { layout, withPreprocessing = false, precision = 'float32' }: FormatChoices,
): Promise<ExportedInterface> {
  const graph = await exportOnnx(model, {
    contract,
    layout,
    preprocessing: withPreprocessing,
    precision,
  });
  const bytes = encodeOnnx(graph);
  await writeWholeFolder(folder, card, async (partial) => {
    await mkdir(partial);
    await writeFile(join(partial, FILE), bytes);
  });
  return {
    file: FILE,
    input: withPreprocessing ? 'levels' : 'prepared',
    layout: layout ?? contract?.layout ?? 'NHWC',
    precision,
    output: graph.nodes.at(-2)?.op === 'Softmax' ? 'probabilities' : 'logits',
  };
}

export async function open(file: string): Promise<OpenedExport | string> {
  const runtime = onnxRuntime();
  if (typeof runtime === 'string') return runtime;
  const { env, InferenceSession, Tensor } = runtime;
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
  const [input, output] = [session.inputNames[0]!, session.outputNames[0]!];
  return {
    runtime: { name: 'onnxruntime-node', version: env.versions.node! },
    run: async (values, dims) => {
      const tensor =
        values instanceof Uint8Array
          ? new Tensor('uint8', values, dims)
          : new Tensor('float32', values, dims);
      const results = await session.run({ [input]: tensor });
      return results[output]!.data as Float32Array;
    },
    close: () => session.release(),
  };
}
