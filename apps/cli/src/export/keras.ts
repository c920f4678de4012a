import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeKerasArchive } from '@fixres/models';
import { contractResizing } from './contract-resizing.ts';
import { contractRescaling } from './contract-rescaling.ts';
import type { ExportedInterface, ExportedModel, FormatChoices } from './export-format.ts';
import { ownOutput } from './exported-output.ts';
import { openInKeras } from './keras-in-python.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

const FILE = 'model.keras';

export async function write(
  folder: string,
  { model, card, contract }: ExportedModel,
  { withPreprocessing = false }: FormatChoices,
): Promise<ExportedInterface> {
  const bytes = await writeKerasArchive(model, {
    resizing: withPreprocessing ? contractResizing(contract) : undefined,
    reverseChannels: contract?.channelOrder === 'bgr',
    preprocessing: contract && contractRescaling(contract),
  });
  await writeWholeFolder(folder, card, async (partial) => {
    await mkdir(partial);
    await writeFile(join(partial, FILE), bytes);
  });
  return {
    files: [FILE],
    input: withPreprocessing ? 'levels' : contract ? 'resized' : 'prepared',
    layout: contract?.layout ?? 'NHWC',
    precision: 'float32',
    output: ownOutput(model),
  };
}

export const open = (file: string): ReturnType<typeof openInKeras> => openInKeras(file);
