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
  const { arch, newClassifier = false, multiLabel = false } = options;
  if (weights.config !== undefined)
    throw usage(
      `The model in "${file}" is of the class "${weights.config.class_name as string}", not ${arch!}.`,
    );
  const classes = file === 'imagenet' ? IMAGENET_CLASSES : asked;
  if (classes === undefined)
    throw usage('The number of classes is missing; give --classes or --class-names.');
  if (file !== 'imagenet')
    terminal.line(
      `The file holds weights alone: ${arch!} is taken as keras.applications creates it for ImageNet's weights${multiLabel && !newClassifier ? ', with a sigmoid' : ''}. A .keras file says what its model computes.`,
    );
  // Published weights have a classifier, which is left out; other files are those without the top.
  const isWithoutTop = newClassifier && file !== 'imagenet';
  const activation = multiLabel && !newClassifier ? 'sigmoid' : 'softmax';
  const config = await applicationConfig(arch!, isWithoutTop ? null : classes, activation);
  try {
    return await describedModel(file, { ...weights, config }, options, asked, terminal, {
      ownConfig: false,
    });
  } catch (error) {
    if (!(error instanceof WeightsMismatchError)) throw error;
    if (isWithoutTop && isOnlyMore(error))
      throw usage(
        `"${file}" has weights of more layers than ${arch!} without its classifier: ${error.unexpected[0]!.name}. Import it with its own --classes, without --new-classifier, and give it a new classifier with finetune --new-classifier.`,
      );
    const top = isWithoutTop ? [] : await missingTop(error, arch!);
    if (top.length === 0) throw error;
    throw usage(
      `"${file}" has no weights of ${top.join(' and ')}, the classifier of ${arch!}; --new-classifier creates one.`,
    );
  }
}

/** Whether all layers of a network have their weights in a file, which has others as well. */
function isOnlyMore({ missing, unexpected, wrongShape }: WeightsMismatches): boolean {
  return unexpected.length > 0 && missing.length + wrongShape.length === 0;
}

/** The layers without weights if these are the top of a network and all others fit. */
export async function missingTop(
  { missing, unexpected, wrongShape }: WeightsMismatches,
  arch: string,
): Promise<string[]> {
  if (unexpected.length + wrongShape.length > 0) return [];
  const layers = new Set(missing.map(({ name }) => name.slice(0, name.lastIndexOf('/'))));
  const cut = await applicationConfig(arch, null).catch(() => undefined);
  if (cut === undefined) return [];
  const kept = (cut as unknown as { config: { layers: { config: { name: string } }[] } }).config;
  const isKept = kept.layers.some(({ config: { name } }) => layers.has(name));
  return isKept ? [] : [...layers];
}
