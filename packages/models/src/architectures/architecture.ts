import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ArchitectureOptions } from './architecture-options.ts';

/** Options of every model that is created by name. */
export interface ModelOptions extends ArchitectureOptions {
  /**
   * Channels of the stem; all other widths scale with it. Default: `stemWidths`. In MobileNetV2 it
   * is 32 times `alpha`.
   */
  width?: number;
  /**
   * MobileNetV2 only, instead of `width`: factor on the channels of all layers, see
   * `MobileNetV2Options`.
   */
  alpha?: number;
}

/** Creates a model. The caller disposes it. */
export type ModelFactory = (options?: ModelOptions) => LayersModel;

/** A family of models whose layers have the same names. */
export interface Architecture {
  /** Name in error messages. */
  name: string;
  /** The models of the family that can be created by name. */
  models: Readonly<Record<string, ModelFactory>>;
  /** A layer that every model of the architecture has and no other. */
  marker: string;
  /**
   * Assigns layers to groups: the first pattern that matches a layer's name wins, and its capture
   * is the block.
   */
  groups: readonly { name: string; pattern: RegExp }[];
}
