import {
  datasetParts,
  type Example,
  heldOutPart,
  type ImageDataset,
  type Split,
  takeImages,
} from '@fixres/data/node';
import { FixresRunnerError } from '@fixres/runner';
import { runSplit, splitFor, type TrainedRun } from '@fixres/runner/node';

/** Which images of a data set to evaluate on; other names are those of the data set's own parts. */
type EvaluationPart = 'held-out' | 'train' | 'all' | (string & {});

export interface EvaluationImages {
  examples: Example[];
  /** Where the split comes from, for people. */
  origin: string;
  /** Names of the images that the run trained on; `null` when nothing is known about the training. */
  trainIds: ReadonlySet<string> | null;
}

export interface EvaluationImagesOptions {
  part: EvaluationPart;
  run: TrainedRun | undefined;
  /** What the configuration of a run would call the data set. */
  source: string;
  limit: number | undefined;
  heldOut: number | undefined;
}

/**
 * Chooses images. The part `held-out` of the data set that a run was trained on is what that run held out; for other models and data
 * sets it is the data set's own split, or the split by hash.
 *
 * @throws FixresRunnerError, FixresDataError for a part that there is not
 */
export function evaluationImages(
  dataset: ImageDataset,
  { part, run, source, limit, heldOut }: EvaluationImagesOptions,
): EvaluationImages {
  const sameData = run !== undefined && isDataOf(run, dataset, source) ? run : undefined;
  const trained = sameData && runSplit(dataset, sameData);
  const trainIds = trained === undefined ? null : new Set(trained.train.map(({ id }) => id));
  const ofPart = examplesOfPart(dataset, part);
  if (ofPart !== undefined) {
    const { examples } =
      limit === undefined
        ? { examples: ofPart }
        : takeImages({ ...dataset, examples: ofPart }, limit);
    return { examples, origin: "the data set's own split", trainIds };
  }
  if (part === 'all') {
    const few = limit ?? sameData?.limit;
    return {
      examples: few === undefined ? dataset.examples : takeImages(dataset, few).examples,
      origin: 'every part',
      trainIds,
    };
  }
  const useRun = trained !== undefined && limit === undefined && heldOut === undefined;
  const split = useRun
    ? trained
    : part === 'held-out'
      ? splitToEvaluate(dataset, { limit, heldOut })
      : splitFor(dataset, { limit, heldOut });
  const examples = part === 'train' ? split.train : split.heldOut;
  const origin = useRun
    ? "the run's split"
    : heldOutPart(dataset) !== undefined
      ? "the data set's own split"
      : 'split by hash';
  return { examples, origin, trainIds };
}

/** Folders of one name can hold other images; those of a run may also have been moved. */
function isDataOf(
  { dataset: { name }, source: ofRun, heldOutIds }: TrainedRun,
  dataset: ImageDataset,
  source: string,
): boolean {
  if (ofRun === source) return true;
  if (name !== dataset.name) return false;
  const ids = new Set(dataset.examples.map(({ id }) => id));
  return heldOutIds === undefined || [...heldOutIds].every((id) => ids.has(id));
}

/** The split of a data set; one without a training part, which can only be evaluated on, is held out. */
function splitToEvaluate(
  dataset: ImageDataset,
  { limit, heldOut }: Pick<EvaluationImagesOptions, 'limit' | 'heldOut'>,
): Split {
  const part = heldOutPart(dataset);
  if (part === undefined || heldOut !== undefined || datasetParts(dataset).has('train'))
    return splitFor(dataset, { limit, heldOut });
  const { examples } = limit === undefined ? dataset : takeImages(dataset, limit);
  return { train: [], heldOut: examples.filter(({ split }) => split === part) };
}

/** Images of a part that the data set itself names; undefined for the parts that every data set has. */
function examplesOfPart(dataset: ImageDataset, part: EvaluationPart): Example[] | undefined {
  if (part === 'held-out' || part === 'train' || part === 'all') return undefined;
  const examples = dataset.examples.filter(({ split }) => split === part);
  if (examples.length > 0) return examples;
  const own = [...new Set(dataset.examples.flatMap(({ split }) => split ?? []))].sort();
  const allowed = [...new Set(['held-out', 'train', 'all', ...own])].join(', ');
  throw new FixresRunnerError(
    'bad-option',
    `Option --split is "${part}"; "${dataset.name}" has the parts ${allowed}.`,
  );
}
