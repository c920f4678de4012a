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

/** The images of a data set to evaluate on; other names are parts of the data set itself. */
type EvaluationPart = 'held-out' | 'train' | 'all' | (string & {});

export interface EvaluationImages {
  examples: Example[];
  /** The origin of the split, for the user. */
  origin: string;
  /** Names of the images that the run trained on; `null` if the training is unknown. */
  trainIds: ReadonlySet<string> | null;
}

export interface EvaluationImagesOptions {
  part: EvaluationPart;
  run: TrainedRun | undefined;
  /** The name of the data set in a run's configuration. */
  source: string;
  limit: number | undefined;
  heldOut: number | undefined;
}

/**
 * Selects images. For the data set that a run was trained on, `held-out` is what that run held out;
 * for other models and data sets it is the data set's own split, or the split by hash.
 *
 * @throws FixresRunnerError, FixresDataError for a part that does not exist
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

/**
 * Folders with the same name can contain different images, and the images of a run may have been
 * moved.
 */
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

/**
 * The split of a data set. One without a training part can only be evaluated on, so all of it is
 * held out.
 */
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

/** Images of a part named by the data set; undefined for the parts that every data set has. */
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
