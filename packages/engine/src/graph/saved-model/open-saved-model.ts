import { createRequire } from 'node:module';
import type * as tf from '@tensorflow/tfjs-core';
import { FixresEngineError } from '../../errors.ts';
import { loadedNative } from '../../native/load-native.ts';

/** A SavedModel in TensorFlow. */
export interface OpenedSavedModel {
  /** Runs its signature. The caller disposes inputs and outputs. */
  run(inputs: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor>;
  /** Ends its session. */
  dispose(): void;
}

/** The part of tfjs-node that reads SavedModels. */
interface TfjsNode {
  node: {
    loadSavedModel(
      folder: string,
      tags: readonly string[],
      signature: string,
    ): Promise<{
      predict(inputs: Readonly<Record<string, tf.Tensor>>): unknown;
      dispose(): void;
    }>;
  };
}

/**
 * Opens a SavedModel in the TensorFlow of the native engine, which must be the active one.
 *
 * @param signature default `serving_default`
 * @throws FixresEngineError `engine-unavailable`; TensorFlow's error for a folder that it cannot read
 */
export async function openSavedModel(
  folder: string,
  signature = 'serving_default',
): Promise<OpenedSavedModel> {
  const native = loadedNative();
  if (native === null)
    throw new FixresEngineError(
      'engine-unavailable',
      'SavedModels are run by the native engine, which is not loaded; call useEngine({ engine: "tensorflow" }) first.',
    );
  const { node } = createRequire(import.meta.url)(native.folder) as TfjsNode;
  const model = await node.loadSavedModel(folder, ['serve'], signature);
  return {
    run: (inputs) => model.predict(inputs) as Record<string, tf.Tensor>,
    dispose: () => {
      model.dispose();
    },
  };
}
