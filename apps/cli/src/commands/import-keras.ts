import { readFile } from 'node:fs/promises';
import { namedPolicy, preprocessingContract } from '@fixres/data';
import { defaultCacheFolder, requireEngine, useEngine } from '@fixres/engine/node';
import { createModel, isModelName, type JsonValue, loadKerasWeights, type ModelCard, type Rescaling, rescalingOf, stemWidths } from '@fixres/models';
import { fetchKerasWeights, readKerasWeightsFile, saveModelFolder } from '@fixres/models/node';
import { cannotWrite } from '../cannot-write.ts';
import { ExitError, exitCodes } from '../exit-error.ts';
import { megabytes } from '../format.ts';
import { refuseExisting } from '../refuse-existing.ts';
import type { EngineOptions } from '../run/engine-options.ts';
import { Terminal } from '../terminal.ts';
import { interruptible } from './interruptible.ts';

/** Options of `fixres import keras`, as the command line gives them. */
export interface ImportKerasOptions extends EngineOptions {
  arch: string;
  out: string;
  classes?: number;
  classNames?: string;
  width?: number;
  size: number;
  policy: string;
  trainSize?: number;
  scaling?: 'plus-minus-one' | 'zero-one' | 'none';
  newClassifier?: boolean;
  rename?: Record<string, string>;
  weightsFile?: string;
  json?: boolean;
  quiet?: boolean;
}

/** From levels 0..255 to a model's input. */
const scalings: Readonly<Record<NonNullable<ImportKerasOptions['scaling']>, Rescaling>> = {
  'plus-minus-one': { scale: 1 / 127.5, offset: -1 },
  'zero-one': { scale: 1 / 255, offset: 0 },
  none: { scale: 1, offset: 0 },
};

/** The classifier of every architecture that has a name. */
const CLASSIFIER = 'predictions';

/** Makes a model folder of a weights file of Keras. */
export async function importKeras(file: string, options: ImportKerasOptions): Promise<void> {
  const { arch, out, rename = {}, newClassifier = false } = options;
  const terminal = new Terminal({ quiet: options.quiet ?? false });
  // Everything that can be wrong with the options is found before anything slow starts.
  if (options.weightsFile !== undefined && file !== 'imagenet') throw usage('Option --weights-file goes with imagenet only.');
  requireEngine(options);
  await refuseExisting(out);
  const classNames = await readClassNames(options.classNames);
  const classes = options.classes ?? classNames?.length ?? (file === 'imagenet' && !newClassifier ? 1000 : undefined);
  if (classes === undefined) throw usage('The number of classes is missing; give --classes or --class-names.');
  if (classNames && classNames.length !== classes) throw usage(`There are ${classNames.length} names in ${options.classNames!}, but --classes is ${classes}.`);
  const policy = namedPolicy(options.policy, { size: options.size, trainSize: options.trainSize });
  // Every model of fixres takes levels 0..255 and scales them itself.
  const contract = preprocessingContract(policy, { normalisation: { kind: 'scale', scale: 1, offset: 0 } });

  const result = await interruptible(
    async (signal) => {
      const place = file === 'imagenet' ? await published(options, terminal, signal) : file;
      const weights = await readKerasWeightsFile(place, { signal });
      const rescaling = scalingFor(options, rescalingOf(weights.config), terminal);
      const architecture = {
        classes,
        ...(options.width === undefined ? {} : { width: options.width }),
        ...(rescaling.scale === 1 && rescaling.offset === 0 ? {} : { rescaling: { ...rescaling } }),
      };
      await useEngine({ engine: options.engine, device: options.device });
      const model = createModel(arch, architecture);
      try {
        const except = newClassifier ? [CLASSIFIER] : [];
        const loaded = loadKerasWeights(model, weights, { except, rename });
        const card: ModelCard = {
          version: 1,
          architecture: { name: arch, options: architecture },
          ...(classNames ? { classNames } : {}),
          contract: contract as unknown as JsonValue,
        };
        await saveModelFolder(model, out, card).catch((error: unknown) => {
          throw cannotWrite(out, error);
        });
        return { out, arch, classes, ...loaded, rescaling, contract };
      } finally {
        model.dispose();
      }
    },
    () => 'Interrupted. Nothing was written.',
  );
  const text = `${result.out}: ${arch} with ${classes} classes, ${result.arrays} arrays matched by ${result.matchedBy}, used at ${contract.input.width} pixels under ${policy.name}`;
  terminal.result(options.json ? JSON.stringify(result) : text);
}

async function published(options: ImportKerasOptions, terminal: Terminal, signal: AbortSignal): Promise<string> {
  const { arch, width, size, newClassifier = false, weightsFile } = options;
  const onProgress = (bytes: number): void => terminal.progress(`Downloading weights: ${megabytes(bytes / 1e6)}`);
  const sizes = isModelName(arch) && arch === 'mobilenetv2' ? { alpha: (width ?? stemWidths[arch]) / stemWidths[arch], size } : {};
  return fetchKerasWeights(arch, { cacheFolder: defaultCacheFolder(), includeTop: !newClassifier, weightsFile, onProgress, signal, ...sizes });
}

function scalingFor({ scaling }: ImportKerasOptions, own: Rescaling | undefined, terminal: Terminal): Rescaling {
  if (scaling !== undefined) return scalings[scaling];
  if (own) return own;
  terminal.line('The file does not say how pixels are scaled: taking -1..1, as keras.applications does. Another range is chosen by --scaling.');
  return scalings['plus-minus-one'];
}

async function readClassNames(file: string | undefined): Promise<string[] | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw usage(`File "${file}" of class names cannot be read: ${(cause as Error).message}`);
  });
  const names = text.split(/\r?\n/).map((line) => line.trim());
  return names.filter((name, i) => name !== '' || i < names.length - 1);
}

function usage(message: string): ExitError {
  return new ExitError(exitCodes.usage, `error: ${message}`);
}
