import { exportSavedModel } from '@fixres/runner/node';
import type { ExportedModel } from './export-format.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

export async function write(
  folder: string,
  { model, card, contract }: ExportedModel,
): Promise<void> {
  await writeWholeFolder(folder, card, (partial) =>
    exportSavedModel(model, partial, contract ? { size: contract.input.width } : {}),
  );
}
