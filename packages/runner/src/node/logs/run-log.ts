import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { EpochRecord, RunEvent } from '../../events.ts';

/** A log beside the run's own, fed with its events. */
export interface RunLog {
  onEvent: (event: RunEvent) => void;
  /** After every epoch, with the weights that were scored. The model stays the run's. */
  onEpoch?: (arm: string, seed: number, record: EpochRecord, model: LayersModel) => Promise<void>;
  close?: () => void;
}
