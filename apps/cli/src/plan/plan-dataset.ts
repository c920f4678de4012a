import {
  FixresDataError,
  type ImageSize,
  imageSizeOf,
  namedPolicy,
  parseImageSize,
  planResolution,
  type Policy,
  type ResolutionPlan,
  shortSideCrop,
} from '@fixres/data';
import { datasetWarnings, readImageHeaders } from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import { type PreparationListeners, resolveDataset } from '@fixres/runner/node';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';
import { FixresRunnerError } from '@fixres/runner';

/** What is planned for. */
export interface PlanDatasetOptions extends DatasetOptions {
  /** How the training images are made; its output is the train size. */
  trainPolicy: Policy;
  candidates?: string | undefined;
  /** Seed of the simulation. */
  seed: number;
}

/** A plan and the images it is for. */
export interface DatasetPlan {
  /** Name of the data set. */
  dataset: string;
  /** Number of images whose sizes were read. */
  images: number;
  plan: ResolutionPlan;
}

/**
 * Recommends a test resolution for the image sizes of a data set.
 *
 * @throws FixresRunnerError `bad-option`; FixresDataError for an unreadable data set
 */
export async function planDataset(
  datasetName: string,
  options: PlanDatasetOptions,
  { on, signal }: { on: PreparationListeners; signal: AbortSignal },
): Promise<DatasetPlan> {
  const { trainPolicy, seed } = options;
  const trainSize = imageSizeOf(trainPolicy.output);
  const candidates: { candidates?: Policy[] } =
    options.candidates === undefined
      ? {}
      : { candidates: parseCandidates(options.candidates, trainSize) };
  const dataset = await resolveDataset(datasetName, {
    cacheFolder: defaultCacheFolder(),
    reading: await datasetReading(options),
    on,
    signal,
  });
  for (const warning of datasetWarnings(dataset)) on.warning?.(warning);
  const { examples, name } = dataset;
  const onProgress = (read: number): void =>
    on.progress?.(`Reading sizes: ${read} of ${examples.length}`);
  const { headers, failures } = await readImageHeaders(examples, { onProgress, signal });
  const sizes = headers.filter((header) => header !== undefined);
  if (sizes.length === 0)
    throw new FixresDataError(
      'corrupt-image',
      `${failures[0]!.message} Nor can any other image of "${name}".`,
    );
  if (failures.length > 0) {
    on.warning?.(
      `${failures.length} of ${examples.length} files are no images and are left out, the first of them ${failures[0]!.id}.`,
    );
  }
  const plan = planResolution(sizes, trainPolicy, { trainSize, seed, ...candidates });
  return { dataset: name, images: sizes.length, plan };
}

/**
 * Parses a list of test policies such as `resize@160,fixresTest@224,192`. A size alone means
 * `shortSideCrop` at that size.
 *
 * @throws FixresRunnerError for an invalid list; FixresDataError `bad-option` for an unknown policy
 * or size
 */
export function parseCandidates(text: string, trainSize: ImageSize): Policy[] {
  return text.split(',').map((item) => {
    const [, name, text = ''] = /^\s*(?:([A-Za-z][\w-]*)@)?(\S+)\s*$/.exec(item) ?? [];
    const size = parseImageSize(text);
    if (size === undefined) {
      const message = `Option --candidates has "${item.trim()}"; allowed are sizes and <policy>@<size>, for example resize@160,fixresTest@192x256,192.`;
      throw new FixresRunnerError('bad-option', message);
    }
    return name === undefined ? shortSideCrop(size) : namedPolicy(name, { size, trainSize });
  });
}
