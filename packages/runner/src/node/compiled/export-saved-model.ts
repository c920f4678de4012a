import { type ImageSize, type PreprocessingContract, sidesOf } from '@fixres/data';
import { type InputStage, writeSavedModel } from '@fixres/engine/graph';
import { outputActivation } from '@fixres/models';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from '../../errors.ts';
import {
  addBytesPreprocessing,
  addLevelsPreprocessing,
  modelShape,
} from './saved-model-preprocessing.ts';

export interface ExportSavedModelOptions {
  /** Size of the images. Default: the contract's, or the model's own. */
  size?: ImageSize | undefined;
  /** How images are prepared for the model. */
  contract?: PreprocessingContract | undefined;
  /**
   * Needs a contract. Adds a signature that prepares images itself, and whose `output` is probabilities for a model
   * that ends in logits too:
   *
   * - `levels`: `serving_levels` takes `levels`, uint8, [images, height, width, 3], images of any size.
   * - `bytes`: `serving_bytes` takes `image_bytes`, string, [images], JPEG or PNG files.
   */
  preprocessing?: 'levels' | 'bytes' | undefined;
}

/**
 * Writes a model as a TensorFlow SavedModel, on the native engine. Its signature `serving_default`
 * takes `images`, float32, the model's input (levels 0..255 for models that rescale) for any batch
 * size, and returns `output`, the model's output.
 *
 * @param model one input and one output
 * @param folder appears completely or not at all; it must not exist
 * @throws FixresEngineError `not-compilable`, `engine-unavailable`; FixresRunnerError `bad-option`
 */
export async function exportSavedModel(
  model: LayersModel,
  folder: string,
  { size, contract, preprocessing }: ExportSavedModelOptions = {},
): Promise<void> {
  if (preprocessing) requirePreparable(contract, preprocessing);
  const [, ...own] = model.inputs[0]!.shape;
  const { height, width } = sidesOf(size ?? 0);
  const shape =
    size === undefined && contract
      ? modelShape(contract)
      : ([...(size === undefined ? own.slice(0, 2) : [height, width]), own[2]] as number[]);
  await writeSavedModel(
    folder,
    { images: { shape, dtype: 'float32' } },
    ({ images }) => ({ output: model.apply(images!, { training: false }) as tf.Tensor }),
    preprocessing && contract && stageOf(model, contract, preprocessing),
  );
}

/** @throws FixresRunnerError `bad-option` for preprocessing that the graph cannot have */
function requirePreparable(
  contract: PreprocessingContract | undefined,
  preprocessing: 'levels' | 'bytes',
): void {
  const option = `Option ${preprocessing === 'bytes' ? '--with-decoder' : '--with-preprocessing'}`;
  if (contract === undefined)
    throw new FixresRunnerError(
      'bad-option',
      `${option} needs a model that states its preprocessing; this one has no contract.`,
    );
  // libvips, which defines it, computes other levels than TensorFlow's filter of that name.
  if (contract.interpolation === 'lanczos3')
    throw new FixresRunnerError(
      'bad-option',
      `${option} does not support interpolation lanczos3 of the contract; allowed are bilinear, bicubic.`,
    );
}

function stageOf(
  model: LayersModel,
  contract: PreprocessingContract,
  preprocessing: 'levels' | 'bytes',
): InputStage {
  const ending: Pick<InputStage, 'argument' | 'finish'> = {
    argument: 'images',
    ...(outputActivation(model) === 'linear'
      ? { finish: adding(contract.head ? 'Sigmoid' : 'Softmax') }
      : {}),
  };
  return preprocessing === 'bytes'
    ? {
        ...ending,
        signature: 'serving_bytes',
        // Some servers take base64 only for inputs whose name ends so.
        input: { name: 'image_bytes', dtype: 'string', shape: [] },
        perExample: true,
        prepare: (graph, bytes) => addBytesPreprocessing(graph, bytes, contract),
      }
    : {
        ...ending,
        signature: 'serving_levels',
        input: { name: 'levels', dtype: 'uint8', shape: [-1, -1, 3] },
        prepare: (graph, levels) => addLevelsPreprocessing(graph, levels, contract),
      };
}

/** Converts logits to probabilities. */
function adding(operation: 'Softmax' | 'Sigmoid'): NonNullable<InputStage['finish']> {
  return (graph, logits) => {
    const { type } = logits.node.outputs[logits.index]!;
    const node = graph.add('probabilities', operation, {
      inputs: [logits],
      attributes: [['T', { kind: 'type', value: type }]],
      outputs: [logits.node.outputs[logits.index]!],
    });
    return { node, index: 0 };
  };
}
