import { dirname } from 'node:path';
import { FixresDataError } from '@fixres/data';
import { FixresEngineError, useEngine } from '@fixres/engine';
import { openSavedModel } from '@fixres/engine/graph';
import { exportSavedModel } from '@fixres/runner/node';
import * as tf from '@tensorflow/tfjs-core';
import type {
  ExportedInterface,
  ExportedModel,
  FormatChoices,
  OpenedExport,
} from './export-format.ts';
import { exportedOutput, ownOutput } from './exported-output.ts';
import type { ModelInput } from './prepared-images.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

/** The signature that is verified for each kind of input, and its input. */
const signatures: Readonly<
  Partial<Record<ExportedInterface['input'], { signature: string; argument: string }>>
> = {
  bytes: { signature: 'serving_bytes', argument: 'image_bytes' },
  levels: { signature: 'serving_levels', argument: 'levels' },
  prepared: { signature: 'serving_default', argument: 'images' },
};

export async function write(
  folder: string,
  { model, card, contract }: ExportedModel,
  { withPreprocessing = false, withDecoder = false }: FormatChoices,
): Promise<ExportedInterface> {
  const preprocessing = withDecoder ? 'bytes' : withPreprocessing ? 'levels' : undefined;
  await writeWholeFolder(folder, card, (partial) =>
    exportSavedModel(model, partial, { contract, preprocessing }),
  );
  return {
    // The weights are in it.
    files: ['saved_model.pb'],
    input: preprocessing ?? 'prepared',
    layout: preprocessing ? 'NHWC' : (contract?.layout ?? 'NHWC'),
    precision: 'float32',
    output: preprocessing ? exportedOutput(model, contract) : ownOutput(model),
  };
}

export async function open(
  file: string,
  { input }: Pick<ExportedInterface, 'input'>,
): Promise<OpenedExport | string> {
  const chosen = signatures[input];
  if (!chosen) return `a SavedModel has no input that is ${input}`;
  const { signature, argument } = chosen;
  try {
    const { versions } = await useEngine({ engine: 'tensorflow' });
    const opened = await openSavedModel(dirname(file), signature);
    return {
      runtime: { name: 'TensorFlow', version: versions.tensorflow! },
      run: async (batch) => {
        const given = tensorOf(batch, input);
        try {
          const { output } = opened.run({ [argument]: given }) as { output: tf.Tensor };
          const numbers = (await output.data()) as Float32Array;
          output.dispose();
          return numbers;
        } catch (cause) {
          // TensorFlow refuses some files that fixres decodes.
          if (input !== 'bytes') throw cause;
          const [line] = (cause as Error).message.split('\n');
          throw new FixresDataError(
            'corrupt-image',
            `TensorFlow cannot decode and prepare an image: ${line}.`,
            { cause },
          );
        } finally {
          given.dispose();
        }
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

function tensorOf({ values, dims }: ModelInput, input: ExportedInterface['input']): tf.Tensor {
  if (input === 'bytes') return tf.tensor1d([values as Uint8Array], 'string');
  // TensorFlow.js has no uint8; its backend converts to the type of the signature.
  return tf.tensor(values, [...dims], input === 'levels' ? 'int32' : 'float32');
}
