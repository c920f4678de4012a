import type { ExportFormat } from './export-format.ts';
import { kerasWeights } from './keras-weights.ts';
import { layersFormat } from './layers-format.ts';
import { savedModel } from './saved-model.ts';

/** All formats, one per line, by their `--format` name. */
export const exportFormats: ReadonlyMap<string, ExportFormat> = new Map([
  ['tfjs', layersFormat],
  ['keras-weights', kerasWeights],
  ['savedmodel', savedModel],
]);
