import type { TrainerFactory } from '../trainer-factory.ts';
import { compileTrainer } from './compile-trainer.ts';

/** The trainer of the native engine, for `runExperiment({ createTrainer })`: one call of TensorFlow for a step. */
export const createCompiledTrainer: TrainerFactory = ({ model, handle, optimizer, average, spec, batchSize, precision, train }) => {
  const last = train.size % batchSize;
  const batchSizes = [...(train.size >= batchSize ? [batchSize] : []), ...(last > 0 ? [last] : [])];
  return compileTrainer(model, handle, optimizer, {
    size: spec.trainPolicy.output.width,
    batchSizes,
    targets: (spec.labelSmoothing ?? 0) > 0,
    precision,
    average,
  });
};
