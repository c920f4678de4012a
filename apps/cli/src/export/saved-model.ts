import type { ExportFormat } from './export-format.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

export const savedModel: ExportFormat = {
  summary: 'TensorFlow SavedModel',
  async write(folder, { model, card, contract }) {
    const { exportSavedModel } = await import('@fixres/runner/node');
    await writeWholeFolder(folder, card, (partial) =>
      exportSavedModel(model, partial, contract ? { size: contract.input.width } : {}),
    );
  },
};
