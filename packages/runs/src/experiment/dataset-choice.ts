import type { JpegDecoding } from '@fixres/data/names';
import type { Fields } from '../fields.ts';
import type { EvaluatedImages } from './names.ts';

/** How a data set is read, with the names of an experiment file. */
export interface DatasetReading {
  /** Local copy of the archive of `tf_flowers`. */
  archive?: string | undefined;
  /** Name of the field that contains the labels. */
  labelKey?: string | undefined;
  classNames?: readonly string[] | undefined;
  /** Other labels of the classes, in the order of `classNames`: WordNet ids, for example. */
  classIds?: readonly string[] | undefined;
  /** Whether each image has any number of labels. */
  multiLabel?: boolean | undefined;
  /** With `multiLabel`: what separates labels in text. */
  labelSeparator?: string | undefined;
  /** Whether class folders may contain class folders. */
  nestedClasses?: boolean | undefined;
  /** Whether a list may name images outside its folder. */
  allowOutside?: boolean | undefined;
  /** Largest image that is accepted, in 10^6 pixels. */
  maxMegapixels?: number | undefined;
  /** How JPEG files are decoded. Default: as the initial model's contract states, else `accurate`. */
  decode?: JpegDecoding | undefined;
}

/** The images of a run, with the names of an experiment file. */
export interface DatasetChoice extends DatasetReading {
  /** `synthetic`, `tf_flowers`, or a path. */
  source: string;
  /** Maximum number of images. */
  limit?: number | undefined;
  /** Fraction of the images to hold out, 0..1. */
  heldOut?: number | undefined;
  /**
   * Fraction of the training images that is held back to choose a threshold for each class of multi-label
   * data, between 0 and 1, in whole groups of `splitByGroup`. Default: all train, and thresholds are 0.5.
   */
  tuneThresholds?: number | undefined;
  /**
   * Fraction of the training images that is held back to choose sizes that are `measured`, or arms, between
   * 0 and 1, in whole groups of `splitByGroup`. Default: all train.
   */
  holdBack?: number | undefined;
  /**
   * Which images arms are evaluated on. `heldBack`: those of `holdBack`, to choose among arms; the held-out
   * images are then set aside, unseen. Default `heldOut`.
   */
  evaluateOn?: EvaluatedImages | undefined;
  /** Whether files that cannot be decoded are left out; otherwise they end the run. */
  skipCorrupt?: boolean | undefined;
  /**
   * Images that the split keeps together: `look-alikes`, a pattern of names with `{group}`, or a column
   * or key of a list of images. Default: each image is on its own.
   */
  splitByGroup?: string | undefined;
  /** Whether training images that look like a held-out one, or share its burst, are left out. */
  dropLeaks?: boolean | undefined;
}

/** The fields that `openDataset` of `@fixres/data/node` takes under the same names. */
export type OpeningField = Exclude<keyof DatasetReading, 'archive' | 'maxMegapixels' | 'decode'>;

const openingKinds: Readonly<Record<OpeningField, 'text' | 'texts' | 'flag'>> = {
  labelKey: 'text',
  classNames: 'texts',
  classIds: 'texts',
  multiLabel: 'flag',
  labelSeparator: 'text',
  nestedClasses: 'flag',
  allowOutside: 'flag',
};

const otherFields: Readonly<Record<Exclude<keyof DatasetChoice, OpeningField>, true>> = {
  source: true,
  archive: true,
  limit: true,
  heldOut: true,
  tuneThresholds: true,
  holdBack: true,
  evaluateOn: true,
  skipCorrupt: true,
  splitByGroup: true,
  dropLeaks: true,
  maxMegapixels: true,
  decode: true,
};

export const openingFields: readonly OpeningField[] = Object.keys(openingKinds) as OpeningField[];

/** All fields of a {@link DatasetChoice}. */
export const datasetFields: readonly (keyof DatasetChoice)[] = [
  ...(Object.keys(otherFields) as (keyof typeof otherFields)[]),
  ...openingFields,
];

/** The options of `openDataset` among those of a data set. */
export function openingOf(reading: DatasetReading): Pick<DatasetReading, OpeningField> {
  return Object.fromEntries(openingFields.map((field) => [field, reading[field]]));
}

/** The same of a data set of unknown origin. Values that a field cannot have are left out. */
export function recordedOpening(recorded: Fields): Pick<DatasetReading, OpeningField> {
  const isOf = {
    text: (value: unknown) => typeof value === 'string',
    texts: (value: unknown) =>
      Array.isArray(value) && value.every((each) => typeof each === 'string'),
    flag: (value: unknown) => typeof value === 'boolean',
  };
  const known = openingFields.filter((field) => isOf[openingKinds[field]](recorded[field]));
  const opening: Pick<DatasetReading, OpeningField> = Object.fromEntries(
    known.map((field) => [field, recorded[field]]),
  );
  // `openDataset` refuses a separator without several labels.
  return opening.multiLabel === true ? opening : { ...opening, labelSeparator: undefined };
}
