import type { PreprocessingContract } from '@fixres/data';
import type { ModelCard } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A model to export. */
interface ExportedModel {
  model: LayersModel;
  card: ModelCard;
  /** How its images are prepared, if known. */
  contract?: PreprocessingContract | undefined;
}

/**
 * A format of `fixres export`. Its file is loaded with every command, so it imports its
 * dependencies only when it writes.
 */
export interface ExportFormat {
  /** Description for the help text. */
  summary: string;
  /** Writes the folder with `fixres.json` in it. The folder appears completely or not at all. */
  write: (folder: string, exported: ExportedModel) => Promise<void>;
}
