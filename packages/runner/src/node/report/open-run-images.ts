import { type Example, ImageLoader } from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import { openRecordedDataset } from '../images/open-recorded-dataset.ts';
import { imageLoading } from '../images/image-loading.ts';
import { runSplit } from '../images/run-split.ts';
import { readHeldOutIds } from '../models/trained-run.ts';
import type { RecordedRun } from '@fixres/runs';
import type { RunImages } from './run-images.ts';
import type { Missing } from '@fixres/runs/report';
import { readKnownImages, readRunLeaks } from '@fixres/runs/read';

/**
 * Opens the images of a run if they are on this machine: nothing is downloaded. The caller closes
 * the loader.
 *
 * @returns the reason, as a sentence, if they cannot be opened
 */
export async function openRunImages({ config, folder }: RecordedRun): Promise<RunImages | Missing> {
  try {
    const dataset = await openRecordedDataset(defaultCacheFolder())(config, folder);
    const { limit, heldOut, evaluateOn } = config.dataset;
    const droppedIds = new Set((await readRunLeaks(folder))?.dropped);
    const heldOutIds = evaluateOn === 'heldBack' ? undefined : await readHeldOutIds(folder);
    const trainIds = (await readKnownImages(folder))?.trainIds;
    const split = runSplit(dataset, { limit, heldOut, heldOutIds, droppedIds, trainIds });
    const byId = new Map<string, Example>(dataset.examples.map((example) => [example.id, example]));
    return {
      ...split,
      classNames: dataset.classNames,
      byId,
      loader: new ImageLoader(imageLoading(config.dataset)),
    };
  } catch (error) {
    return { missing: (error as Error).message };
  }
}
