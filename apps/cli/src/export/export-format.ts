import type { PreprocessingContract } from '@fixres/data';
import type { ModelCard } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A model as a format writes it. */
export interface ExportedModel {
  model: LayersModel;
  card: ModelCard;
  /** How its images are prepared, if that is known. */
  contract?: PreprocessingContract | undefined;
}

/** A format of `fixres export`. */
export interface ExportFormat {
  /** What help says beside the name. */
  summary: string;
  /** Loads the module of the format: help needs only its line. */
  load: () => Promise<{
    /** Writes the folder, which appears whole or not at all, with `fixres.json` in it. */
    write: (folder: string, exported: ExportedModel) => Promise<void>;
  }>;
}
