import { dirname } from 'node:path';
import { FixresEngineError, useEngine } from '@fixres/engine';
import { openSavedModel } from '@fixres/engine/graph';
import { outputActivation } from '@fixres/models';
import { exportSavedModel } from '@fixres/runner/node';
import * as tf from '@tensorflow/tfjs-core';
import type { ExportedInterface, ExportedModel, OpenedExport } from './export-format.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

export async function write(
  folder: string,
  { model, card, contract }: ExportedModel,
): Promise<ExportedInterface> {
  await writeWholeFolder(folder, card, (partial) =>
    exportSavedModel(model, partial, contract ? { size: contract.input.width } : {}),
  );
  return {
    // The weights are in it.
    files: ['saved_model.pb'],
    input: 'prepared',
    layout: contract?.layout ?? 'NHWC',
    precision: 'float32',
    output: outputActivation(model) === 'softmax' ? 'probabilities' : 'logits',
  };
}

export async function open(file: string): Promise<OpenedExport | string> {
  try {
    const { versions } = await useEngine({ engine: 'tensorflow' });
    const opened = await openSavedModel(dirname(file));
    return {
      runtime: { name: 'TensorFlow', version: versions.tensorflow! },
      run: async ({ values, dims }) => {
        const images = tf.tensor(values, [...dims], 'float32');
        const { output } = opened.run({ images }) as { output: tf.Tensor };
        const numbers = (await output.data()) as Float32Array;
        tf.dispose([images, output]);
        return numbers;
      },
      close: () => {
        opened.dispose();
        return Promise.resolve();
      },
    };
  } catch (error) {
    if (!(error instanceof FixresEngineError)) throw error;
    return error.message.replace(/\.$/, '');
  }
}
