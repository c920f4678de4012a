import { type Example, type ImageDataset, type Split, takeImages } from '@fixres/data/node';
import { ExitError, exitCodes } from '../exit-error.ts';
import { splitFor } from '../split-for.ts';
import type { TrainedRun } from '../trained-run.ts';

/** Which images of a data set to evaluate on; other names are those of the data set's own parts. */
type EvaluationPart = 'held-out' | 'train' | 'all' | (string & {});

export interface EvaluationImages {
  examples: Example[];
  /** Where the split comes from, for people. */
  origin: string;
  /** How many of them the run trained on; `null` when nothing is known about the training. */
  trainedOn: number | null;
}

export interface EvaluationImagesOptions {
  part: EvaluationPart;
  run: TrainedRun | undefined;
  limit: number | undefined;
  heldOut: number | undefined;
}

/**
 * Chooses images. The part `held-out` of the data set that a run was trained on is what that run held out; for other models and data
 * sets it is the data set's own split, or the split by hash.
 *
 * @throws ExitError, FixresDataError for a part that there is not
 */
export function evaluationImages(dataset: ImageDataset, { part, run, limit, heldOut }: EvaluationImagesOptions): EvaluationImages {
  const sameData = run?.dataset.name === dataset.name ? run : undefined;
  const trained = sameData && runSplit(dataset, sameData);
  const useRun = trained !== undefined && limit === undefined && heldOut === undefined;
  const named = examplesOfPart(dataset, part);
  const examples = named ?? partOf(useRun ? trained : splitFor(dataset, { limit, heldOut }), part, dataset, limit);
  const trainIds = trained && new Set(trained.train.map(({ id }) => id));
  const origin = useRun ? "the run's split" : dataset.examples.some(({ split }) => split !== undefined) ? "the data set's own split" : 'split by hash';
  return { examples, origin, trainedOn: trainIds === undefined ? null : examples.filter(({ id }) => trainIds.has(id)).length };
}

/** What a run trained on and what it held out. */
function runSplit(dataset: ImageDataset, { limit, heldOut, heldOutIds }: TrainedRun): Split {
  if (heldOutIds === undefined) return splitFor(dataset, { limit, heldOut });
  const { examples } = limit === undefined ? dataset : takeImages(dataset, limit);
  // A data set with parts of its own is trained on its training part alone.
  const given = examples.some(({ split }) => split !== undefined);
  return {
    train: examples.filter(({ id, split }) => !heldOutIds.has(id) && (!given || split === 'train')),
    heldOut: examples.filter(({ id }) => heldOutIds.has(id)),
  };
}

function partOf(split: Split, part: EvaluationPart, dataset: ImageDataset, limit: number | undefined): Example[] {
  if (part === 'held-out') return split.heldOut;
  if (part === 'train') return split.train;
  return limit === undefined ? dataset.examples : takeImages(dataset, limit).examples;
}

/** Images of a part that the data set itself names; undefined for the parts that every data set has. */
function examplesOfPart(dataset: ImageDataset, part: EvaluationPart): Example[] | undefined {
  if (part === 'held-out' || part === 'train' || part === 'all') return undefined;
  const examples = dataset.examples.filter(({ split }) => split === part);
  if (examples.length > 0) return examples;
  const own = [...new Set(dataset.examples.flatMap(({ split }) => split ?? []))].sort();
  const allowed = [...new Set(['held-out', 'train', 'all', ...own])].join(', ');
  throw new ExitError(exitCodes.usage, `error: Option --split is "${part}"; "${dataset.name}" has the parts ${allowed}.`);
}
