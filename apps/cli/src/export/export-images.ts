import { FixresDataError } from '@fixres/data';
import type { Example, ImageDataset } from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import { FixresRunnerError } from '@fixres/runner';
import {
  evenlySpaced,
  type FoundModel,
  inOrderOfTraining,
  openRecordedDataset,
  type PreparationListeners,
  readAsIn,
  resolveDataset,
  sourceOf,
} from '@fixres/runner/node';
import type { DatasetReading } from '@fixres/runs';
import { evaluationImages } from '../evaluate/evaluation-images.ts';

export interface ExportImages {
  source: string;
  reading: DatasetReading;
  /** Name of the data set. */
  name: string;
  /** To compare the export on. */
  heldOut: Example[];
  /** To calibrate on. */
  training: Example[];
}

export interface ExportImagesOptions {
  /** Data set to use; default: that of the model's run, if it is on this machine. */
  data: string | undefined;
  reading: DatasetReading;
  /** Maximum number of held-out images. */
  limit: number;
  on: PreparationListeners;
  signal: AbortSignal;
}

/** Images to calibrate an export on and to compare it on; a text states why there are none. */
export async function exportImages(
  { run, card, model, contract }: FoundModel,
  { data, reading: given, limit, on, signal }: ExportImagesOptions,
): Promise<ExportImages | string> {
  if (contract === undefined) return 'the model does not state how images are prepared';
  const source = data === undefined ? run?.source : sourceOf(data);
  if (source === undefined) return 'no images are given; give them with --data';
  const reading = run?.source === source ? readAsIn(run, given) : given;
  let opened: ImageDataset;
  try {
    opened =
      data === undefined
        ? await openRecordedDataset(defaultCacheFolder())(
            { dataset: { source, ...reading } },
            run!.folder,
          )
        : await resolveDataset(data, { cacheFolder: defaultCacheFolder(), reading, on, signal });
  } catch (error) {
    // The images of a run may be elsewhere; those that a user names must be there.
    if (data === undefined && error instanceof FixresDataError && error.code === 'not-found')
      return `${error.message.replace(/\.$/, '')}; give it with --data`;
    throw error;
  }
  const dataset = inOrderOfTraining(opened, run?.dataset.classes ?? card.classNames, on);
  const classes = model.outputs[0]!.shape.at(-1);
  if (dataset.classNames.length !== classes)
    throw new FixresRunnerError(
      'bad-option',
      `Option --data is "${source}" with ${dataset.classNames.length} classes; the model has ${classes}.`,
    );
  const [heldOut, training] = ['held-out', 'train'].map((part) => {
    const { examples } = evaluationImages(dataset, {
      part,
      run,
      source,
      limit: undefined,
      heldOut: undefined,
    });
    return examples;
  }) as [Example[], Example[]];
  if (heldOut.length === 0) return `"${dataset.name}" holds out no image`;
  return {
    source,
    reading,
    name: dataset.name,
    heldOut: evenlySpaced(heldOut, limit),
    training: evenlySpaced(training, CALIBRATION_IMAGES),
  };
}

/** Ranges of activations hardly change with more images. */
const CALIBRATION_IMAGES = 256;
