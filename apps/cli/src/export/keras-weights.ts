import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeKerasWeights } from '@fixres/models';
import type { ExportedInterface, ExportedModel } from './export-format.ts';
import { ownOutput } from './exported-output.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

const FILE = 'model.weights.h5';

export async function write(
  folder: string,
  { model, card, contract }: ExportedModel,
): Promise<ExportedInterface> {
  await writeWholeFolder(folder, card, async (partial) => {
    await mkdir(partial);
    await writeFile(join(partial, FILE), await writeKerasWeights(model));
  });
  return {
    files: [FILE],
    input: 'prepared',
    layout: contract?.layout ?? 'NHWC',
    precision: 'float32',
    output: ownOutput(model),
  };
}

export const open = 'weights without their layers cannot be run';
