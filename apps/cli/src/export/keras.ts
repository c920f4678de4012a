import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeKerasArchive } from '@fixres/models';
import { contractRescaling } from './contract-rescaling.ts';
import type { ExportedModel } from './export-format.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

export async function write(
  folder: string,
  { model, card, contract }: ExportedModel,
): Promise<void> {
  const preprocessing = contract && contractRescaling(contract);
  const bytes = await writeKerasArchive(model, { preprocessing });
  await writeWholeFolder(folder, card, async (partial) => {
    await mkdir(partial);
    await writeFile(join(partial, 'model.keras'), bytes);
  });
}
