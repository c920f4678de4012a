import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeKerasWeights } from '@fixres/models';
import type { ExportedModel } from './export-format.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

export async function write(folder: string, { model, card }: ExportedModel): Promise<void> {
  await writeWholeFolder(folder, card, async (partial) => {
    await mkdir(partial);
    await writeFile(join(partial, 'model.weights.h5'), await writeKerasWeights(model));
  });
}
