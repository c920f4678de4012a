import { type JpegDecoding, namedPolicy, preprocessingContract } from '@fixres/data';
import { readClassNames } from '@fixres/data/node';
import { defaultCacheFolder, requireEngine, useEngine } from '@fixres/engine';
import {
  createModel,
  describesComputation,
  type HeadKind,
  isModelName,
  type JsonValue,
  type KerasWeights,
  loadKerasWeights,
  type ModelCard,
  type ModelName,
  type ModelOptions,
  type RecognisedModel,
  recogniseModel,
  type Rescaling,
  stemWidths,
  twoClassHead,
} from '@fixres/models';
import { fetchKerasWeights, readKerasWeightsFile, saveModelFolder } from '@fixres/models/node';
import { cannotWrite } from '../files/cannot-write.ts';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { megabytes } from '@fixres/runs/report';
import { refuseExisting } from '../files/refuse-existing.ts';
import type { EngineOptions } from '../run/engine-options.ts';
import { Terminal } from '../terminal/terminal.ts';
import { interruptible } from '../terminal/interruptible.ts';

/** Options of `fixres import keras`, as the command line gives them. */
export interface ImportKerasOptions extends EngineOptions {
  arch?: string;
  out: string;
  classes?: number;
  classNames?: string;
  width?: number;
  alpha?: number;
  imageSize?: number;
  testPolicy: string;
  trainSize?: number;
  decode?: JpegDecoding;
  scaling?: 'plus-minus-one' | 'zero-one' | 'none';
  newClassifier?: boolean;
  rename?: Record<string, string>;
  weightsFile?: string;
  json?: boolean;
  quiet?: boolean;
}

/** Maps levels 0..255 to a model's input. */
const scalings: Readonly<Record<NonNullable<ImportKerasOptions['scaling']>, Rescaling>> = {
  'plus-minus-one': { scale: 1 / 127.5, offset: -1 },
  'zero-one': { scale: 1 / 255, offset: 0 },
  none: { scale: 1, offset: 0 },
};

/** Used if neither the file nor an option states a size. */
const DEFAULT_SIZE = 224;

/** The classifier's name in every named architecture. */
const CLASSIFIER = 'predictions';

/** Everything about the model except its weights. */
interface Plan {
  arch: ModelName;
  classes: number;
  options: ModelOptions;
  size: number;
  places?: RecognisedModel['places'];
  head?: HeadKind | undefined;
}

/** Creates a model folder from a Keras weights file. */
export async function importKeras(file: string, options: ImportKerasOptions): Promise<void> {
  const { out, rename = {}, newClassifier = false, width, alpha } = options;
  const terminal = new Terminal({ quiet: options.quiet ?? false });
  // Check all options before slow work.
  if (options.weightsFile !== undefined && file !== 'imagenet')
    throw usage('Option --weights-file goes with imagenet only.');
  if (file === 'imagenet' && options.arch === undefined)
    throw usage('Option --arch is missing; imagenet has weights for several architectures.');
  if (width !== undefined && alpha !== undefined)
    throw usage('Options --width and --alpha say the same; give one of them.');
  requireEngine(options);
  await refuseExisting(out);
  const classNames =
    options.classNames === undefined ? undefined : await readClassNames(options.classNames);
  const asked = options.classes ?? classNames?.length;
  if (classNames && classNames.length !== asked)
    throw usage(
      `There are ${classNames.length} names in ${options.classNames!}, but --classes is ${asked!}.`,
    );

  const result = await interruptible(
    async (signal) => {
      const place = file === 'imagenet' ? await published(options, terminal, signal) : file;
      const weights = await readKerasWeightsFile(place, { signal });
      await useEngine({ engine: options.engine, device: options.device });
      const plan = describesComputation(weights.config)
        ? planOfModel(weights, options, asked)
        : planOfWeights(file, weights, options, asked, terminal);
      const { arch, classes, size } = plan;
      if (plan.head === 'logits')
        terminal.line('The classifier of the file gives logits; the model takes their softmax.');
      if (plan.head === 'sigmoid')
        terminal.line(
          'The classifier of the file gives the probability of the second class; the first has the rest.',
        );
      const policy = namedPolicy(options.testPolicy, { size, trainSize: options.trainSize });
      // Every fixres model takes levels 0..255 and scales them itself.
      const contract = preprocessingContract(policy, {
        normalisation: { kind: 'scale', scale: 1, offset: 0 },
        decode: options.decode,
      });
      const architecture = { ...plan.options, classes };
      const model = createModel(arch, architecture);
      try {
        const { places, head } = plan;
        const classifier = places?.get(CLASSIFIER);
        const ready = head && classifier ? twoClassHead(weights, head, classifier) : weights;
        const loaded = loadKerasWeights(
          model,
          ready,
          places ? { places } : { except: newClassifier ? [CLASSIFIER] : [], rename },
        );
        const card: ModelCard = {
          version: 1,
          architecture: {
            name: arch,
            options: architecture as unknown as Record<string, JsonValue>,
          },
          ...(classNames ? { classNames } : {}),
          contract: contract as unknown as JsonValue,
        };
        await saveModelFolder(model, out, card).catch((error: unknown) => {
          throw cannotWrite(out, error);
        });
        return {
          out,
          arch,
          classes,
          ...loaded,
          rescaling: architecture.rescaling ?? scalings.none,
          contract,
        };
      } finally {
        model.dispose();
      }
    },
    () => 'Interrupted. Nothing was written.',
  );
  const { arch, classes, contract } = result;
  const text = `${out}: ${arch} with ${classes} classes, ${result.arrays} arrays matched by ${result.matchedBy}, used at ${contract.input.width} pixels under ${options.testPolicy}`;
  terminal.result(options.json ? JSON.stringify(result) : text);
}

/** For a file that describes its model. Options can only choose what it leaves open. */
function planOfModel(
  weights: KerasWeights,
  { arch, width, alpha, imageSize: size, scaling, newClassifier = false }: ImportKerasOptions,
  asked: number | undefined,
): Plan {
  const {
    name,
    options,
    head,
    inputSize: [height, side],
    places,
  } = recogniseModel(weights, { name: arch as ModelName | undefined, width, alpha, newClassifier });
  const classes = newClassifier ? asked : (options.classes ?? asked);
  if (classes === undefined)
    throw usage('The number of classes is missing; give --classes or --class-names.');
  if (asked !== undefined && asked !== classes) {
    const why =
      head === 'sigmoid'
        ? 'has one sigmoid output, which tells two classes apart'
        : `has ${classes} classes`;
    throw usage(
      `The classifier of the file ${why}; ${asked} were given by --classes or --class-names. --new-classifier leaves it out.`,
    );
  }
  const rescaling = options.rescaling ?? (scaling === undefined ? undefined : scalings[scaling]);
  if (rescaling === undefined) throw usage(unknownScaling);
  if (
    scaling !== undefined &&
    options.rescaling !== undefined &&
    !sameScaling(options.rescaling, scalings[scaling])
  ) {
    const { scale, offset } = options.rescaling;
    throw usage(
      `Option --scaling is ${scaling}, but the model of the file computes x * ${JSON.stringify(scale)} + ${JSON.stringify(offset)} itself; leave the option out.`,
    );
  }
  const isFixed = options.inputShape !== undefined;
  if (height !== side && (isFixed || size === undefined)) {
    throw usage(
      `The model of the file was built for images of ${height} x ${side} pixels; ${isFixed ? 'models of square images are read' : 'give the side of square ones with --image-size'}.`,
    );
  }
  if (isFixed && size !== undefined && size !== side)
    throw usage(
      `Option --image-size is ${size}, but the layers of the file are padded for ${side} pixels only; leave the option out.`,
    );
  return {
    arch: name,
    classes,
    options: { ...options, ...(isIdentity(rescaling) ? {} : { rescaling }) },
    size: size ?? side ?? DEFAULT_SIZE,
    places,
    head,
  };
}

/** For a file with only weights: options describe the model. */
function planOfWeights(
  file: string,
  { config }: KerasWeights,
  options: ImportKerasOptions,
  asked: number | undefined,
  terminal: Terminal,
): Plan {
  const {
    arch,
    width,
    alpha,
    imageSize: size = DEFAULT_SIZE,
    newClassifier = false,
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
      `The file holds weights alone: a ${arch} is taken that ends in average pooling${newClassifier ? '' : ' and softmax'}, as keras.applications has it. A .keras file says what its model computes.`,
    );
  }
  const rescaling = scalings[scaling];
  const architecture = {
    ...(width === undefined ? {} : { width }),
    ...(alpha === undefined ? {} : { alpha }),
    ...(isIdentity(rescaling) ? {} : { rescaling }),
  };
  return { arch: arch as ModelName, classes, options: architecture, size };
}

const unknownScaling =
  'The file does not say how the levels 0 to 255 of images are scaled; give --scaling: plus-minus-one is what preprocess_input of keras.applications does for these models.';

function isIdentity({ scale, offset }: Rescaling): boolean {
  return scale === 1 && offset === 0;
}

function sameScaling(a: Rescaling, b: Rescaling): boolean {
  const near = (x: number | number[], y: number | number[]): boolean =>
    typeof x === 'number' && typeof y === 'number' && Math.abs(x - y) < 1e-6;
  return near(a.scale, b.scale) && near(a.offset, b.offset);
}

async function published(
  options: ImportKerasOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<string> {
  const {
    arch = '',
    width,
    alpha,
    imageSize: size = DEFAULT_SIZE,
    newClassifier = false,
    weightsFile,
  } = options;
  const onProgress = (bytes: number): void =>
    terminal.progress(`Downloading weights: ${megabytes(bytes / 1e6)}`);
  const sizes =
    isModelName(arch) && arch === 'mobilenetv2'
      ? { alpha: alpha ?? (width ?? stemWidths[arch]) / stemWidths[arch], size }
      : {};
  return fetchKerasWeights(arch, {
    cacheFolder: defaultCacheFolder(),
    includeTop: !newClassifier,
    weightsFile,
    onProgress,
    signal,
    ...sizes,
  });
}

function usage(message: string): ExitError {
  return new ExitError(exitCodes.usage, `error: ${message}`);
}
