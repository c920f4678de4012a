import type { ImageSize } from '@fixres/data';
import type { DatasetOptions } from '../run/dataset-reading.ts';
import type { EngineOptions } from '../run/engine-options.ts';

/** Options of `plan`. Those of the model need one. */
export interface PlanOptions extends DatasetOptions, EngineOptions {
  /** Required without the model of a run, which knows it. */
  trainSize?: ImageSize;
  trainPolicy?: string;
  candidates?: string;
  /** Seed of the simulation. */
  seed: number;
  arm?: string;
  modelSeed?: number;
  best?: boolean;
  batchSize: number;
  limit?: number;
  heldOut?: number;
}
