import {
  createModel,
  type HeadKind,
  type JsonValue,
  type KerasWeights,
  loadKerasWeights,
  type ModelName,
  type ModelOptions,
  type RecognisedModel,
  type Rescaling,
  twoClassHead,
} from '@fixres/models';
import { type ImageSize, type InputScalingName, inputScalings } from '@fixres/data';
import type { Terminal } from '../terminal/terminal.ts';
import { checkClasses } from '../import-model/check-classes.ts';
import { usage } from '../import-model/usage.ts';
import { chosenSize } from './chosen-size.ts';
import { noteApplication } from './note-application.ts';
import { DEFAULT_SIZE, type ImportKerasOptions } from './import-keras-options.ts';
import type { ImportedModel } from './imported-model.ts';

/** What the layer `rescaling` of a named architecture computes. */
function rescalingOf(name: InputScalingName): Rescaling {
  const { normalisation, channelOrder } = inputScalings[name];
  if (normalisation.kind === 'scale') {
    const { scale, offset } = normalisation;
    return { scale, offset };
  }
  if (channelOrder === 'bgr')
    throw usage(
      `Option --scaling is ${name}, but no named architecture takes the colours in the order blue, green, red.`,
    );
  const { mean, std } = normalisation;
  return {
    scale: std.map((deviation) => 1 / (255 * deviation)),
    offset: mean.map((value, i) => -value / std[i]!),
  };
}

/** The classifier's name in every named architecture. */
const CLASSIFIER = 'predictions';

/** Everything about the model except its weights. */
interface Plan {
  arch: ModelName;
  classes: number;
  options: ModelOptions;
  size: ImageSize;
  places?: RecognisedModel['places'];
  head?: HeadKind | undefined;
}

/** Creates a model of a named architecture, which scales the image itself. */
function modelOfPlan(
  plan: Plan,
  weights: KerasWeights,
  options: ImportKerasOptions,
): ImportedModel {
  const { arch, classes, size, places, head } = plan;
  const { rename = {}, newClassifier = false, multiLabel = false } = options;
  const architecture = {
    ...plan.options,
    classes,
    ...(multiLabel && { classifierActivation: 'sigmoid' as const }),
  };
  const model = createModel(arch, architecture);
  try {
    const classifier = places?.get(CLASSIFIER);
    const ready = head && classifier ? twoClassHead(weights, head, classifier) : weights;
    const loaded = loadKerasWeights(
      model,
      ready,
      places ? { places } : { except: newClassifier ? [CLASSIFIER] : [], rename },
    );
    return {
      model,
      architecture: {
        name: arch,
        options: architecture as unknown as Record<string, JsonValue>,
      },
      size,
      scaling: inputScalings.none,
      isMultiLabel: multiLabel || head === 'multi-label',
      facts: {
        arch,
        classes,
        ...loaded,
        rescaling: architecture.rescaling ?? { scale: 1, offset: 0 },
      },
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** The named architecture that a file describes. Options can only choose what it leaves open. */
export function recognisedModel(
  recognised: RecognisedModel,
  weights: KerasWeights,
  given: ImportKerasOptions,
  asked: number | undefined,
  terminal: Terminal,
): ImportedModel {
  const { scaling, newClassifier = false } = given;
  const { application, name, options, head, inputSize, places } = recognised;
  const classes = checkClasses(newClassifier ? undefined : options.classes, head, asked);
  const chosen = scaling === undefined ? undefined : rescalingOf(scaling);
  let rescaling = options.rescaling ?? chosen;
  if (rescaling === undefined && application !== undefined) {
    noteApplication(application, terminal);
    rescaling = rescalingOf(application.scaling);
  }
  if (rescaling === undefined) throw usage(unknownScaling);
  if (
    chosen !== undefined &&
    options.rescaling !== undefined &&
    !sameScaling(options.rescaling, chosen)
  ) {
    const { scale, offset } = options.rescaling;
    throw usage(
      `Option --scaling is ${scaling!}, but the model of the file computes x * ${JSON.stringify(scale)} + ${JSON.stringify(offset)} itself; leave the option out.`,
    );
  }
  const size = chosenSize(
    inputSize,
    given.imageSize,
    options.inputShape &&
      ((other, own) =>
        `Option --image-size is ${other}, but the layers of the file are padded for ${own} pixels only; leave the option out.`),
  );
  const plan: Plan = {
    arch: name,
    classes,
    options: { ...options, ...(isIdentity(rescaling) ? {} : { rescaling }) },
    size,
    places,
    head,
  };
  return modelOfPlan(plan, weights, given);
}

/** A named architecture with the weights of a file that has only weights. */
export function modelOfWeights(
  file: string,
  weights: KerasWeights,
  options: ImportKerasOptions,
  asked: number | undefined,
  terminal: Terminal,
): ImportedModel {
  const { config } = weights;
  const {
    arch,
    width,
    alpha,
    imageSize: size = DEFAULT_SIZE,
    newClassifier = false,
    multiLabel = false,
    scaling = file === 'imagenet' ? 'plus-minus-one' : undefined,
  } = options;
  if (config !== undefined) {
    throw usage(
      `The model in "${file}" is of the class "${config.class_name as string}", and only the code of that class says what it computes. Functional and Sequential models are read.`,
    );
  }
  if (arch === undefined)
    throw usage(
      `Option --arch is missing; "${file}" holds weights without the configuration of their model.`,
    );
  const classes = asked ?? (file === 'imagenet' && !newClassifier ? 1000 : undefined);
  if (classes === undefined)
    throw usage('The number of classes is missing; give --classes or --class-names.');
  if (scaling === undefined) throw usage(unknownScaling);
  if (file !== 'imagenet') {
    terminal.line(
      `The file holds weights alone: a ${arch} is taken that ends in average pooling${newClassifier ? '' : multiLabel ? ' and a sigmoid' : ' and softmax'}, as keras.applications has it. A .keras file says what its model computes.`,
    );
  }
  const rescaling = rescalingOf(scaling);
  const architecture = {
    ...(width === undefined ? {} : { width }),
    ...(alpha === undefined ? {} : { alpha }),
    ...(isIdentity(rescaling) ? {} : { rescaling }),
  };
  const plan: Plan = { arch: arch as ModelName, classes, options: architecture, size };
  return modelOfPlan(plan, weights, options);
}

const unknownScaling =
  'The file does not say how the levels 0 to 255 of images are scaled; give --scaling: plus-minus-one is what preprocess_input of keras.applications does for these models.';

function isIdentity({ scale, offset }: Rescaling): boolean {
  return scale === 1 && offset === 0;
}

function sameScaling(a: Rescaling, b: Rescaling): boolean {
  const perChannel = (value: number | number[]): number[] =>
    Array.isArray(value) ? value : [value, value, value];
  const near = (x: number | number[], y: number | number[]): boolean => {
    const others = perChannel(y);
    return perChannel(x).every((value, channel) => Math.abs(value - others[channel]!) < 1e-6);
  };
  return near(a.scale, b.scale) && near(a.offset, b.offset);
}
