import { createHash } from 'node:crypto';
import {
  datasetWarnings,
  duplicatesAcross,
  duplicateWarning,
  type Example,
  type ImageDataset,
  type ImageLoader,
} from '@fixres/data/node';
import type { DatasetChoice, DatasetRecord, RunConfig } from '@fixres/runs';
import type { DatasetWords } from './dataset-words.ts';
import { counted } from '@fixres/runs/report';
import { readableExamples } from './readable-examples.ts';
import { partWarnings, splitFor } from './split-for.ts';
import type { PreparationListeners } from '../session/session-listeners.ts';

/** The images of a run, checked and split. */
export interface PreparedImages {
  record: DatasetRecord;
  train: Example[];
  heldOut: Example[];
  /** Short digests of the images' content. */
  digests: RunConfig['images'];
  /** SHA-256 of the pixels of each image, by its id. */
  digestOf: ReadonlyMap<string, string | undefined>;
  /** Warnings for the user. */
  warnings: string[];
}

export interface PrepareImagesOptions {
  choice: DatasetChoice;
  words: DatasetWords;
  loader: ImageLoader;
  on: PreparationListeners;
  signal: AbortSignal;
}

/** Decodes every image once, skips unreadable ones if allowed, and splits the rest. */
export async function prepareImages(
  dataset: ImageDataset,
  options: PrepareImagesOptions,
): Promise<PreparedImages> {
  const { choice, words, loader, on, signal } = options;
  const { limit, heldOut: part, skipCorrupt = false } = choice;
  const all = splitFor(dataset, { limit, heldOut: part }, words);
  const chosen = [...all.train, ...all.heldOut];
  const { examples, duplicates, digests } = await readableExamples(chosen, {
    loader,
    skipCorrupt,
    words,
    on,
    signal,
  });
  const skipped = chosen.length - examples.length;
  const split = skipped === 0 ? all : splitFor({ ...dataset, examples }, { heldOut: part });
  const { train, heldOut } = split;
  const warnings = [
    ...datasetWarnings(dataset),
    ...partWarnings(dataset, split),
    ...(skipped > 0
      ? [
          `${counted(skipped, 'image')} that cannot be decoded ${skipped === 1 ? 'is' : 'are'} left out.`,
        ]
      : []),
    ...[duplicateWarning(duplicatesAcross(split, duplicates))].filter(
      (warning) => warning !== undefined,
    ),
  ];
  const record = {
    name: dataset.name,
    classes: dataset.classNames,
    train: train.length,
    heldOut: heldOut.length,
    skipped,
  };
  on.note?.(
    `Data:   ${record.name}, ${record.classes.length} classes, ${record.train} training images, ${record.heldOut} held out`,
  );
  const digest = (part: readonly Example[]): string => {
    const hash = createHash('sha256');
    for (const { id, label } of part) hash.update(`${id}\t${label}\t${digests.get(id)}\n`);
    return hash.digest('hex');
  };
  return {
    record,
    train,
    heldOut,
    digests: { train: digest(train), heldOut: digest(heldOut) },
    digestOf: digests,
    warnings,
  };
}
