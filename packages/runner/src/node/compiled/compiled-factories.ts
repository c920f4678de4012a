import { FixresEngineError } from '@fixres/engine/graph';
import * as tf from '@tensorflow/tfjs-core';
import type { ForwardFactory } from '../../evaluation/forward-factory.ts';
import { shareSizes } from '../../cluster/process-share.ts';
import { createEagerTrainer, type TrainerFactory } from '../../training/trainer-factory.ts';
import { compileForward } from './compile-forward.ts';
import { compileTrainer } from './compile-trainer.ts';

/**
 * The fastest available trainer, for `runExperiment({ createTrainer })`: on the native engine one
 * call of TensorFlow per step, on others kernel by kernel. A model with parts that cannot be
 * compiled also trains kernel by kernel, with a warning.
 */
export const createCompiledTrainer: TrainerFactory = (request) => {
  if (tf.getBackend() !== 'tensorflow') return createEagerTrainer(request);
  const { model, handle, optimizer, average, spec, rules, size, seed } = request;
  const { precision, train, cachedFeatures, onWarning, cluster } = request;
  const ranks = cluster?.ranks ?? 1;
  const options = {
    ...rules,
    size,
    features: cachedFeatures,
    batchSizes: shareSizes(train.size, request.batchSize, ranks),
    accumulates: (spec.accumulate ?? 1) > 1,
    targets:
      (spec.labelSmoothing ?? 0) > 0 ||
      spec.mix !== undefined ||
      rules.loss?.isCorrect !== undefined,
    gradientCheckpointing: spec.gradientCheckpointing,
    precision,
    average,
    seed,
    microBatch: request.batchSize / ranks,
    cluster,
  };
  // Without a graph, the processes cannot take a step together.
  if (cluster !== undefined) return compileTrainer(model, handle, optimizer, options);
  return (
    whereCompilable(() => compileTrainer(model, handle, optimizer, options), onWarning) ??
    createEagerTrainer(request)
  );
};

/**
 * The fastest available forward pass, for `runExperiment({ createForward })`: compiled on the
 * native engine. Elsewhere, and for models that cannot be compiled, there is none, and they run
 * kernel by kernel.
 */
export const createCompiledForward: ForwardFactory = (model, { onWarning, ...options }) =>
  tf.getBackend() === 'tensorflow'
    ? whereCompilable(() => compileForward(model, options), onWarning)
    : undefined;

/** Returns undefined, with a warning, if compilation is not possible. */
export function whereCompilable<T>(
  compile: () => T,
  onWarning: (message: string) => void,
): T | undefined {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof FixresEngineError && error.code === 'not-compilable')) throw error;
    onWarning(`${error.message} It runs kernel by kernel, which is slower.`);
    return undefined;
  }
}
