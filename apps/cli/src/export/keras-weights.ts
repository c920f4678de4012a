import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportFormat } from './export-format.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

export const kerasWeights: ExportFormat = {
  summary: 'model.weights.h5',
  async write(folder, { model, card }) {
    const { writeKerasWeights } = await import('@fixres/models');
    await writeWholeFolder(folder, card, async (partial) => {
      await mkdir(partial);
      await writeFile(join(partial, 'model.weights.h5'), await writeKerasWeights(model));
    });
  },
};
