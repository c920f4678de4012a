import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeKerasArchive } from '@fixres/models';
import { contractRescaling } from './contract-rescaling.ts';
import type { ExportedInterface, ExportedModel } from './export-format.ts';
import { ownOutput } from './exported-output.ts';
import { openInKeras } from './keras-in-python.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

const FILE = 'model.keras';

export async function write(
  folder: string,
  { model, card, contract }: ExportedModel,
): Promise<ExportedInterface> {
  const preprocessing = contract && contractRescaling(contract);
  const bytes = await writeKerasArchive(model, { preprocessing });
  await writeWholeFolder(folder, card, async (partial) => {
    await mkdir(partial);
    await writeFile(join(partial, FILE), bytes);
  });
  return {
    files: [FILE],
    input: contract ? 'resized' : 'prepared',
    layout: contract?.layout ?? 'NHWC',
    precision: 'float32',
    output: ownOutput(model),
  };
}

export const open = (file: string): ReturnType<typeof openInKeras> => openInKeras(file);
