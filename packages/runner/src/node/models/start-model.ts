import { classNameOf, type ImageDataset } from '@fixres/data/node';
import { counted } from '@fixres/runs/report';
import { runSplit, trainedOn } from '../images/run-split.ts';
import type { ModelFacts } from './model-facts.ts';
import type { PreparedImages } from '../images/prepare-images.ts';
import { type DatasetChoice, type DatasetReading, openingFields } from '@fixres/runs';

/** How the classifier of a trained model fits the classes of a data set. */
interface ClassifierFit {
  /** Whether the model has these classes and keeps them. */
  keeps: boolean;
  newClassifier: 'always' | 'if-needed';
  /** A note for the user. */
  note: string | undefined;
}

/** @param wanted whether a new classifier is requested */
export function classifierFit(
  { classNames: known, contract }: Pick<ModelFacts, 'classNames' | 'contract'>,
  { name, classNames, multiLabel = false }: ImageDataset,
  wanted: boolean,
): ClassifierFit {
  const fitsHead = (contract?.head !== undefined) === multiLabel;
  const isSame =
    fitsHead &&
    known?.length === classNames.length &&
    known.every((className, i) => classNameOf(className) === classNames[i]);
  const isNew = wanted || (known !== undefined && !isSame);
  if (!isNew) return { keeps: isSame, newClassifier: 'if-needed', note: undefined };
  const classes = `${classNames.length} classes of ${name}`;
  const note = !fitsHead
    ? `The model tells images of ${multiLabel ? 'one class' : 'several classes'} apart; it gets a new classifier for the ${classes}, of which an image has ${multiLabel ? 'any number' : 'one'}.`
    : wanted || known === undefined
      ? `The model gets a new classifier for the ${classes}.`
      : `The model knows ${known.length} other classes (${known.slice(0, 3).join(', ')}${known.length > 3 ? ', …' : ''}); it gets a new classifier for the ${classes}.`;
  return { keeps: false, newClassifier: 'always', note };
}

/**
 * Uses the images and the split of the model's run, so that no training image is held out, and decodes
 * images as the model's contract states.
 */
export function withRunSplit<T extends DatasetChoice>(
  dataset: T,
  { run, contract }: Pick<ModelFacts, 'run' | 'contract'>,
): T {
  const decoded = { ...dataset, decode: dataset.decode ?? contract?.decode };
  if (run?.source !== dataset.source) return decoded;
  const { limit = run.limit, heldOut = run.heldOut } = dataset;
  const { splitByGroup = run.splitByGroup, dropLeaks = run.dropLeaks } = dataset;
  return { ...readAsIn(run, decoded), limit, heldOut, splitByGroup, dropLeaks };
}

export interface TestedImages {
  images: Pick<PreparedImages, 'heldOut'>;
  source: string;
  /** How many held-out images the model was trained on, by content; undefined if this is unknown. */
  seen: number | undefined;
}

/**
 * A warning if a run holds out images that its model was trained on, because its accuracies are
 * then too high. Images are recognised by their content.
 */
export function trainedOnWarning(
  { run }: Pick<ModelFacts, 'run'>,
  dataset: ImageDataset,
  { images, source, seen: seenByContent }: TestedImages,
): string | undefined {
  const seen = run && (seenByContent ?? seenByName(run, dataset, { images, source }));
  if (!run || !seen) return undefined;
  const isSame = run.source === source;
  const { limit, heldOut: part = 0.1 } = run;
  const remedy = isSame
    ? 'without --limit and --held-out the split of its run is kept'
    : `its run held out ${part} of${limit === undefined ? '' : ` ${limit} of`} the images of ${run.source}`;
  return `The model was trained on ${seen} of the ${counted(images.heldOut.length, 'held-out image')}, so accuracies are too high; ${remedy}.`;
}

/** For runs of earlier versions, which record only names. */
function seenByName(
  run: NonNullable<ModelFacts['run']>,
  dataset: ImageDataset,
  { images: { heldOut }, source }: Pick<TestedImages, 'images' | 'source'>,
): number {
  return run.source === source
    ? trainedOn(heldOut, new Set(runSplit(dataset, run).train.map(({ id }) => id)))
    : 0;
}

/** Reads a data set with the settings of the model's run, unless the user specified others. */
export function readAsIn<T extends DatasetReading>(
  { reading }: { reading: DatasetReading },
  choice: T,
): T {
  const fields = [...openingFields, 'maxMegapixels'] as const;
  const both = Object.fromEntries(
    fields.map((field) => [field, choice[field] ?? reading[field]]),
  ) as Pick<DatasetReading, (typeof fields)[number]>;
  // Names of another list have other ids, or none.
  const { classIds } = choice.classNames === undefined ? both : choice;
  return { ...choice, ...both, classIds };
}
