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
 * Opens the model that a run starts from, as the run trains it: levels 0..255 in, any size or that of the run, probabilities of the data
 * set's classes out.
 *
 * @param classes number of classes of the data set
 * @throws FixresRunnerError for a model whose contract asks for what cannot be trained with; FixresRunsError `bad-run` when the folder changed
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
  // The recipe still makes this model where only its classifier is new.
  return {
    model,
    architecture: isSame ? architecture : sized === loaded && isPlain ? renewed : undefined,
  };
}

const plain = { kind: 'scale', scale: 1, offset: 0 } as const;

/** Takes the scaling, which the contract left to whoever prepares images, into the model. */
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
