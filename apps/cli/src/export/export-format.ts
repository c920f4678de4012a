import type { PreprocessingContract } from '@fixres/data';
import type { ModelCard } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A model as a format writes it. */
interface ExportedModel {
  model: LayersModel;
  card: ModelCard;
  /** How its images are prepared, if that is known. */
  contract?: PreprocessingContract | undefined;
}

/** A format of `fixres export`. Its file is loaded with every command, so it imports what it needs when it writes. */
export interface ExportFormat {
  /** What help says beside the name. */
  summary: string;
  /** Writes the folder, which appears whole or not at all, with `fixres.json` in it. */
  write: (folder: string, exported: ExportedModel) => Promise<void>;
}
