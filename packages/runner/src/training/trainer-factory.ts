import type { FreezeHandle, WeightAverage } from '@fixres/finetune';
import type { SlotOptimizer } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { eagerTrainer } from './eager-trainer.ts';
import { FixresRunnerError } from '../errors.ts';
import type { ArmSpec, Precision } from '@fixres/runs';
import type { ImageSource } from '../images/image-source.ts';
import type { Trainer } from './trainer.ts';

/** What a trainer of an arm is made for. */
export interface TrainerRequest {
  model: LayersModel;
  handle: FreezeHandle;
  /** Not the trainer's to dispose, as the average. */
  optimizer: SlotOptimizer;
  average: WeightAverage | undefined;
  spec: ArmSpec;
  seed: number;
  batchSize: number;
  precision: Precision;
  /** The images that will be trained on. */
  train: ImageSource;
  /** Is told why the trainer is not as asked for. */
  onWarning: (message: string) => void;
  signal: AbortSignal | undefined;
}

/** Makes the trainer of an arm. It is disposed when the arm is trained. */
export type TrainerFactory = (request: TrainerRequest) => Trainer | Promise<Trainer>;

/** The trainer that runs on every engine, kernel by kernel. @throws FixresRunnerError `bad-option` for a precision but float32 */
export const createEagerTrainer: TrainerFactory = ({
  model,
  handle,
  optimizer,
  average,
  seed,
  precision,
}) => {
  if (precision !== 'float32') {
    throw new FixresRunnerError(
      'bad-option',
      `Option "precision" is "${precision}", which takes a compiled step on the native engine; a step that runs kernel by kernel has only "float32".`,
    );
  }
  return eagerTrainer(model, handle, optimizer, { average, seed });
};
