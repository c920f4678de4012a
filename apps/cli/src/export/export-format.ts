import type { PreprocessingContract } from '@fixres/data';
import type { ModelCard } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A model to export. */
export interface ExportedModel {
  model: LayersModel;
  card: ModelCard;
  /** How its images are prepared, if known. */
  contract?: PreprocessingContract | undefined;
}

/** A format of `fixres export`. */
export interface ExportFormat {
  /** Description for the help text. */
  summary: string;
  /** Loads the module of the format: help needs only its line. */
  load: () => Promise<{
    /** Writes the folder with `fixres.json` in it. The folder appears completely or not at all. */
    write: (folder: string, exported: ExportedModel) => Promise<void>;
  }>;
}
