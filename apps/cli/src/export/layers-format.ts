import { dirname } from 'node:path';
import { useEngine } from '@fixres/engine';
import { FixresModelsError } from '@fixres/models';
import { loadModelFolder, saveModelFolder } from '@fixres/models/node';
import * as tf from '@tensorflow/tfjs-core';
import type { ExportedInterface, ExportedModel, OpenedExport } from './export-format.ts';
import { ownOutput } from './exported-output.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

export async function write(
  folder: string,
  { model, card, contract }: ExportedModel,
): Promise<ExportedInterface> {
  await writeWholeFolder(folder, card, (partial) => saveModelFolder(model, partial, card));
  return {
    files: ['model.json', 'weights.bin'],
    input: 'prepared',
    layout: contract?.layout ?? 'NHWC',
    precision: 'float32',
    output: ownOutput(model),
  };
}

/** Opens it in WebAssembly, as a page does. */
export async function open(file: string): Promise<OpenedExport | string> {
  try {
    const { versions } = await useEngine({ engine: 'wasm' });
    const { model } = await loadModelFolder(dirname(file));
    return {
      runtime: { name: 'TensorFlow.js (WebAssembly)', version: versions['tfjs-core']! },
      run: async ({ values, dims }) => {
        const output = tf.tidy(() => model.predict(tf.tensor(values, [...dims])) as tf.Tensor);
        try {
          return await output.data<'float32'>();
        } finally {
          output.dispose();
        }
      },
      close: () => {
        model.dispose();
        return Promise.resolve();
      },
    };
  } catch (error) {
    if (!(error instanceof FixresModelsError)) throw error;
    return error.message.replace(/\.$/, '');
  }
}
