import { saveModelFolder } from '@fixres/models/node';
import type { ExportedModel } from './export-format.ts';

export async function write(folder: string, { model, card }: ExportedModel): Promise<void> {
  await saveModelFolder(model, folder, card);
}
