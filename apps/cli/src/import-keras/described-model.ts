import { type InputScaling, inputScalings } from '@fixres/data';
import { atInputSize, FixresFinetuneError, replaceClassifier } from '@fixres/finetune';
import {
  createKerasModel,
  FixresModelsError,
  type HeadKind,
  type KerasModel,
  type KerasWeights,
  type ModelName,
  type RecognisedModel,
  recogniseModel,
} from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Terminal } from '../terminal/terminal.ts';
import { checkClasses } from '../import-model/check-classes.ts';
import { ownProbabilities } from '../import-model/own-probabilities.ts';
import { usage } from '../import-model/usage.ts';
import { describeAtSize } from '../options/describe-at-size.ts';
import { chosenSize } from './chosen-size.ts';
import type { ImportKerasOptions } from './import-keras-options.ts';
import type { ImportedModel } from './imported-model.ts';
import { recognisedModel } from './named-model.ts';
import { noteApplication } from './note-application.ts';

/**
 * The model that a file describes: a named architecture if it is one, otherwise its layers as they
 * are.
 *
 * @param asked number of classes given by options
 * @param ownConfig whether the file has the configuration, see `createKerasModel`
 */
export async function describedModel(
  file: string,
  weights: KerasWeights,
  options: ImportKerasOptions,
  asked: number | undefined,
  terminal: Terminal,
  { ownConfig = true }: { ownConfig?: boolean } = {},
): Promise<ImportedModel> {
  const recognised = ownConfig ? recognise(weights, options) : undefined;
  if (recognised !== undefined) {
    const made = recognisedModel(recognised, weights, options, asked, terminal);
    noteOutputs(recognised.head, terminal);
    return made;
  }
  const { newClassifier = false, multiLabel = false, dropPath = true } = options;
  const created = await createKerasModel(weights, {
    name: `"${file}"`,
    newClassifier,
    multiLabel,
    dropPath,
    ownConfig,
  });
  let { model } = created;
  try {
    const found = model.outputs[0]!.shape.at(-1)!;
    const classes = checkClasses(newClassifier ? undefined : found, created.head, asked);
    const scaling = scalingOf(created, options, terminal);
    const opened = await openedForAnySize(model);
    model = opened.model;
    const { fixed } = opened;
    const size = chosenSize(
      created.inputSize,
      options.imageSize,
      fixed === undefined ? undefined : (other) => `${fixed} Here --image-size is ${other}.`,
    );
    if (newClassifier) {
      const activation = multiLabel ? 'sigmoid' : 'softmax';
      model = replaceClassifier(model, { classes, activation, append: true });
    }
    // Refuses a size at which the maps become empty.
    describeAtSize(model, size);
    noteOutputs(created.head, terminal);
    if (fixed !== undefined) terminal.line(fixed);
    return {
      model,
      architecture: undefined,
      size,
      scaling,
      isMultiLabel: newClassifier ? multiLabel : created.head === 'multi-label',
      facts: {
        arch: model.name,
        classes,
        matchedBy: created.matchedBy,
        arrays: created.arrays,
        anySize: fixed === undefined,
      },
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Undefined if the model is of no named architecture and none was asked for. */
function recognise(
  weights: KerasWeights,
  { arch, width, alpha, newClassifier = false, multiLabel = false }: ImportKerasOptions,
): RecognisedModel | undefined {
  try {
    return recogniseModel(weights, {
      name: arch as ModelName | undefined,
      width,
      alpha,
      newClassifier,
      multiLabel,
    });
  } catch (error) {
    const isOther = error instanceof FixresModelsError && error.code === 'unsupported-model';
    if (isOther && arch === undefined && width === undefined && alpha === undefined)
      return undefined;
    throw error;
  }
}

function noteOutputs(head: HeadKind | undefined, terminal: Terminal): void {
  if (head === 'logits')
    terminal.line(
      'The classifier of the file gives logits; the model takes their softmax. With --multi-label it takes the sigmoid of each.',
    );
  if (head === 'sigmoid')
    terminal.line(
      'The classifier of the file gives the probability of the second class; the first has the rest.',
    );
  if (head === 'multi-label') terminal.line(ownProbabilities);
}

function scalingOf(
  { scalesInput, application }: KerasModel,
  { scaling }: ImportKerasOptions,
  terminal: Terminal,
): InputScaling {
  if (scalesInput) {
    if (scaling === undefined || scaling === 'none') return inputScalings.none;
    throw usage(
      `Option --scaling is ${scaling}, but the model of the file scales images itself; leave the option out.`,
    );
  }
  if (scaling !== undefined) return inputScalings[scaling];
  if (application === undefined) {
    throw usage(
      'The file does not say how the levels 0 to 255 of images are scaled; give --scaling: ' +
        'plus-minus-one, torch and caffe are the modes of preprocess_input in keras.applications.',
    );
  }
  noteApplication(application, terminal);
  return inputScalings[application.scaling];
}

interface OpenedModel {
  model: LayersModel;
  /** Why the model keeps its size; undefined if it takes any. */
  fixed?: string;
}

async function openedForAnySize(model: LayersModel): Promise<OpenedModel> {
  try {
    const opened = await atInputSize(model, null);
    if (opened !== model) model.dispose();
    return { model: opened };
  } catch (error) {
    if (!(error instanceof FixresFinetuneError) || error.code !== 'fixed-size') throw error;
    return { model, fixed: `${error.message}.` };
  }
}
