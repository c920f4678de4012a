import { FixresEngineError } from '@fixres/engine';
import type { ForwardFactory } from '../arm-evaluator.ts';
import { batchSizesOf } from '../batch-sizes.ts';
import { createEagerTrainer, type TrainerFactory } from '../trainer-factory.ts';
import { compileForward } from './compile-forward.ts';
import { compileTrainer } from './compile-trainer.ts';

/**
 * The trainer of the native engine, for `runExperiment({ createTrainer })`: one call of TensorFlow for a step. A model with parts that
 * no graph can be made of trains kernel by kernel, with a warning.
 */
export const createCompiledTrainer: TrainerFactory = (request) => {
  const { model, handle, optimizer, average, spec, seed, batchSize, precision, train, onWarning } = request;
  const options = {
    size: spec.trainPolicy.output.width,
    batchSizes: batchSizesOf(train.size, batchSize),
    targets: (spec.labelSmoothing ?? 0) > 0,
    precision,
    average,
    seed,
  };
  return whereCompilable(() => compileTrainer(model, handle, optimizer, options), onWarning) ?? createEagerTrainer(request);
};

/** The forward pass of the native engine, for `runExperiment({ createForward })`. Models that cannot be compiled run kernel by kernel. */
export const createCompiledForward: ForwardFactory = (model, { onWarning, ...options }) =>
  whereCompilable(() => compileForward(model, options), onWarning);

/** Gives undefined, and a warning, for what no graph can be made of. */
export function whereCompilable<T>(compile: () => T, onWarning: (message: string) => void): T | undefined {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof FixresEngineError && error.code === 'not-compilable')) throw error;
    onWarning(`${error.message} It runs kernel by kernel, which is slower.`);
    return undefined;
  }
}
