import {
  type ChannelOrder,
  type Normalisation,
  type PreprocessingContract,
  unscaled,
} from '@fixres/data';
import {
  atInputSize,
  type FrontLayer,
  replaceClassifier,
  withLayersInFront,
} from '@fixres/finetune';
import { outputActivation } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { OpenedModel } from '../../arms/start-model.ts';
import { FixresRunsError, type SeedModel, type StoredModel } from '@fixres/runs';
import { modelDigest } from '@fixres/runs/node';
import { FixresRunnerError } from '../../errors.ts';
import { type FoundModel, openModel } from './open-model.ts';

/**
 * Opens the initial model of a run, adapted to its training: takes levels 0..255, at any size or
 * that of the run, and returns probabilities of the data set's classes.
 *
 * @param classes number of classes of the data set, and whether its images can have several
 * @throws FixresRunnerError for a model whose contract is not supported in training;
 * FixresRunsError `bad-run` if the folder changed
 */
export async function openStoredModel(
  stored: StoredModel,
  { classes, multiLabel, seed }: { classes: number; multiLabel: boolean; seed: number },
): Promise<OpenedModel> {
  const { imageSize: size, newClassifier } = stored;
  const { folder, digest } = modelOfSeed(stored, seed);
  const { model: loaded, card, contract } = await openUnchanged({ folder, digest });
  const sized = await atInputSize(loaded, size);
  if (sized !== loaded) loaded.dispose();
  const activation = multiLabel ? 'sigmoid' : 'softmax';
  // A classifier of one class per image is not one of several, and the other way round.
  const isOther = (outputActivation(sized) === 'sigmoid') !== multiLabel;
  const isNew = newClassifier === 'always' || isOther || sized.outputs[0]?.shape.at(-1) !== classes;
  const classified = isNew ? replaceClassifier(sized, { classes, activation, seed }) : sized;
  const model = await takingLevels(classified, contract, folder);
  const isPlain = model === classified;
  const isSame = model === loaded;
  const { architecture } = card;
  const renewed = architecture && {
    ...architecture,
    options: {
      ...architecture.options,
      classes,
      ...(isNew && { classifierActivation: activation }),
    },
  };
  // If only the classifier is new, the architecture still describes this model.
  return {
    model,
    architecture: isSame ? architecture : sized === loaded && isPlain ? renewed : undefined,
  };
}

function modelOfSeed(stored: StoredModel, seed: number): Pick<SeedModel, 'folder' | 'digest'> {
  if (stored.bySeed === undefined) return stored;
  const found = stored.bySeed.find((each) => each.seed === seed);
  if (found !== undefined) return found;
  const seeds = stored.bySeed.map((each) => each.seed).join(', ');
  throw new FixresRunnerError(
    'bad-option',
    `The experiment has no model for seed ${seed}; it has some for ${seeds}.`,
  );
}

/** @throws FixresRunsError `bad-run` if the folder has another digest */
export async function openUnchanged({
  folder,
  digest,
}: Pick<StoredModel, 'folder' | 'digest'>): Promise<FoundModel> {
  if ((await modelDigest(folder)) === digest) return openModel(folder);
  throw new FixresRunsError(
    'bad-run',
    `The model in "${folder}" is not the one that the run began with.`,
  );
}

/**
 * A model behind layers that do what its contract leaves to the caller, so that it takes levels
 * 0..255; the model itself if there is nothing to do. Otherwise the given model is disposed.
 *
 * @throws FixresRunnerError `bad-model` for channels first
 */
export async function takingLevels(
  model: LayersModel,
  contract: PreprocessingContract | undefined,
  folder: string,
): Promise<LayersModel> {
  const { normalisation = unscaled, channelOrder = 'rgb', layout = 'NHWC' } = contract ?? {};
  if (layout !== 'NHWC') {
    throw new FixresRunnerError(
      'bad-model',
      `The model in "${folder}" wants images with the channels first; models can be trained that take them last.`,
    );
  }
  const front = scalingLayers(normalisation, channelOrder);
  if (front.length === 0) return model;
  const behind = await withLayersInFront(model, front);
  model.dispose();
  return behind;
}

/** Layers that do what the contract leaves to the caller. */
function scalingLayers(normalisation: Normalisation, channelOrder: ChannelOrder): FrontLayer[] {
  const layers: FrontLayer[] = [];
  if (channelOrder === 'bgr')
    layers.push({ className: 'KerasReverseChannels', config: { name: 'contract_channels' } });
  const { scale, offset } = linear(normalisation);
  if (scale !== 1 || offset !== 0)
    layers.push({ className: 'Rescaling', config: { name: 'contract_rescaling', scale, offset } });
  return layers;
}

/** A normalisation as `level * scale + offset`, with one number or one per channel. */
function linear(normalisation: Normalisation): {
  scale: number | number[];
  offset: number | number[];
} {
  if (normalisation.kind === 'scale') return normalisation;
  const { mean, std } = normalisation;
  return {
    scale: std.map((deviation) => 1 / (255 * deviation)),
    offset: mean.map((value, i) => -value / std[i]!),
  };
}
