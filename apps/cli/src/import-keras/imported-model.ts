import type { ImageSize, InputScaling } from '@fixres/data';
import type { LoadedWeights, ModelCard, Rescaling } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A model made from a Keras file, before it is saved. */
export interface ImportedModel {
  /** The caller disposes it. */
  model: LayersModel;
  /** How to create it by name; undefined if only its topology describes it. */
  architecture: ModelCard['architecture'];
  /** Image size for the contract. */
  size: ImageSize;
  /** What the contract leaves to the caller. */
  scaling: InputScaling;
  /** Whether an image can have several classes. */
  isMultiLabel: boolean;
  /** Printed with `--json`. */
  facts: LoadedWeights & {
    arch: string;
    classes: number;
    /** Scaling of the levels in a model of a named architecture. */
    rescaling?: Rescaling;
    /** Whether images can have any size. */
    anySize?: boolean;
  };
}
