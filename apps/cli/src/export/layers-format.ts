import type { ExportFormat } from './export-format.ts';

export const layersFormat: ExportFormat = {
  summary: 'layers format',
  async write(folder, { model, card }) {
    const { saveModelFolder } = await import('@fixres/models/node');
    await saveModelFolder(model, folder, card);
  },
};
