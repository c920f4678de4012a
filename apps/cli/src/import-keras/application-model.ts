import { type KerasWeights, WeightsMismatchError, type WeightsMismatches } from '@fixres/models';
import { applicationConfig } from '@fixres/models/node';
import { usage } from '../import-model/usage.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { describedModel } from './described-model.ts';
import type { ImportedModel } from './imported-model.ts';
import type { ImportKerasOptions } from './import-keras-options.ts';

/** Number of classes of the published weights. */
const IMAGENET_CLASSES = 1000;

/**
 * A network of `keras.applications` with the weights of a file that does not describe what it
 * computes.
 *
 * @param asked number of classes given by options
 */
export async function applicationModel(
  file: string,
  weights: KerasWeights,
  options: ImportKerasOptions,
  asked: number | undefined,
  terminal: Terminal,
): Promise<ImportedModel> {
  const { arch, newClassifier = false } = options;
  if (weights.config !== undefined)
    throw usage(
      `The model in "${file}" is of the class "${weights.config.class_name as string}", not ${arch!}.`,
    );
  const classes = file === 'imagenet' ? IMAGENET_CLASSES : asked;
  if (classes === undefined)
    throw usage('The number of classes is missing; give --classes or --class-names.');
  if (newClassifier && file !== 'imagenet')
    throw usage(
      `Option --new-classifier is not for --arch ${arch!} with a file of weights alone: only files with a classifier are read. Import the file with its --classes, and replace the classifier with finetune --new-classifier.`,
    );
  if (file !== 'imagenet')
    terminal.line(
      `The file holds weights alone: ${arch!} is taken as keras.applications creates it for ImageNet's weights. A .keras file says what its model computes.`,
    );
  const config = await applicationConfig(arch!, classes);
  try {
    return await describedModel(file, { ...weights, config }, options, asked, terminal, {
      ownConfig: false,
    });
  } catch (error) {
    const classifier = error instanceof WeightsMismatchError && missingClassifier(error, config);
    if (!classifier) throw error;
    throw usage(
      `"${file}" has no weights of the classifier "${classifier}" of ${arch!}; only files of weights with a classifier are read with --arch ${arch!}. A .keras file without one can be read, with --new-classifier.`,
    );
  }
}

/** At most this many layers of an application are its classifier and what follows it. */
const HEAD_LAYERS = 4;

/** The classifier if its weights are missing, and all others fit. */
export function missingClassifier(
  { missing, unexpected, wrongShape }: WeightsMismatches,
  config: Readonly<Record<string, unknown>>,
): string | undefined {
  const all = (config as { config: { layers: { config: { name: string } }[] } }).config.layers;
  const layers = new Set(missing.map(({ name }) => name.slice(0, name.lastIndexOf('/'))));
  const [layer] = layers;
  const isClassifier = all.slice(-HEAD_LAYERS).some(({ config: { name } }) => name === layer);
  const othersFit = layers.size === 1 && unexpected.length + wrongShape.length === 0;
  return othersFit && isClassifier ? layer : undefined;
}
