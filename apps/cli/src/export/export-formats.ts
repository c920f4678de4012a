import type { ExportFormat } from './export-format.ts';
import { kerasWeights } from './keras-weights.ts';
import { savedModel } from './saved-model.ts';
import { tfjs } from './tfjs.ts';

/** Every format, a line each, by the name that `--format` takes. */
export const exportFormats: ReadonlyMap<string, ExportFormat> = new Map([
  ['tfjs', tfjs],
  ['keras-weights', kerasWeights],
  ['savedmodel', savedModel],
]);
