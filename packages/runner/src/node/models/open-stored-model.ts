import { atInputSize, replaceClassifier } from '@fixres/finetune';
import type { OpenedModel } from '../../arms/start-model.ts';
import { FixresRunsError, type StoredModel } from '@fixres/runs';
import { modelDigest } from '@fixres/runs/node';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from '../../errors.ts';
import { openModel } from './open-model.ts';

/**
 * Opens the initial model of a run, adapted to its training: takes levels 0..255, at any size or
 * that of the run, and returns probabilities of the data set's classes.
 *
 * @param classes number of classes of the data set
 * @throws FixresRunnerError for a model whose contract is not supported in training;
 * FixresRunsError `bad-run` if the folder changed
 */
export async function openStoredModel(
  stored: StoredModel,
  classes: number,
  seed: number,
): Promise<OpenedModel> {
  const { folder, digest, imageSize: size, newClassifier } = stored;
  if ((await modelDigest(folder)) !== digest) {
    throw new FixresRunsError(
      'bad-run',
      `The model in "${folder}" is not the one that the run began with.`,
    );
  }
  const { model: loaded, card, contract } = await openModel(folder);
  const sized = await atInputSize(loaded, size);
  if (sized !== loaded) loaded.dispose();
  const isNew = newClassifier === 'always' || sized.outputs[0]?.shape.at(-1) !== classes;
  const classified = isNew ? replaceClassifier(sized, { classes, seed }) : sized;
  const { normalisation = plain, layout = 'NHWC' } = contract ?? {};
  if (layout !== 'NHWC' || normalisation.kind !== 'scale') {
    const wants =
      layout === 'NHWC'
        ? 'images normalised by mean and deviation'
        : 'images with the channels first';
    throw new FixresRunnerError(
      'bad-model',
      `The model in "${folder}" wants ${wants}; models can be trained that take levels, or levels scaled and shifted.`,
    );
  }
  const isPlain = normalisation.scale === 1 && normalisation.offset === 0;
  const model = isPlain ? classified : withRescaling(classified, normalisation);
  const isSame = model === loaded;
  const { architecture } = card;
  const renewed = architecture && {
    ...architecture,
    options: { ...architecture.options, classes },
  };
  // If only the classifier is new, the architecture still describes this model.
  return {
    model,
    architecture: isSame ? architecture : sized === loaded && isPlain ? renewed : undefined,
  };
}

const plain = { kind: 'scale', scale: 1, offset: 0 } as const;

/** Moves the scaling that the contract leaves to the caller into the model. */
function withRescaling(
  model: LayersModel,
  { scale, offset }: { scale: number; offset: number },
): LayersModel {
  const [, height = null, width = null, channels = 3] = model.inputs[0]?.shape ?? [];
  const image = input({ shape: [height, width, channels], name: 'levels' });
  const scaled = layers
    .rescaling({ scale, offset, name: 'contract_rescaling' })
    .apply(image) as SymbolicTensor;
  return makeModel({
    name: `${model.name}_levels`,
    inputs: image,
    outputs: model.apply(scaled) as SymbolicTensor,
  });
}
