import {
  type ImageDataset,
  type ImageLimits,
  ImageLoader,
  readImageHeaders,
} from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import { dataInfoText } from '../data-info/data-info-text.ts';
import { summarizeDataset, type DatasetFacts } from '../data-info/summarize-dataset.ts';
import { imageLimitsOf, resolveDataset } from '@fixres/runner/node';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { Terminal } from '../terminal/terminal.ts';
import { interruptible } from '../terminal/interruptible.ts';

/** Options of `fixres data info`, as the command line gives them. */
export interface DataInfoOptions extends DatasetOptions {
  json?: boolean;
  quiet?: boolean;
}

/** Prints the content of a data set and its problems. */
export async function dataInfo(datasetName: string, options: DataInfoOptions): Promise<void> {
  const terminal = new Terminal({ quiet: options.quiet ?? false });
  const reading = await datasetReading(options);
  const facts = await interruptible(
    async (signal) => {
      const dataset = await resolveDataset(datasetName, {
        cacheFolder: defaultCacheFolder(),
        reading,
        on: listenersOf(terminal),
        signal,
      });
      return collectFacts(dataset, { limits: imageLimitsOf(reading), terminal, signal });
    },
    () => 'Interrupted.',
  );
  terminal.result(options.json ? JSON.stringify(facts) : dataInfoText(facts));
}

async function collectFacts(
  dataset: ImageDataset,
  { limits, terminal, signal }: { limits: ImageLimits; terminal: Terminal; signal: AbortSignal },
): Promise<DatasetFacts> {
  const { examples } = dataset;
  const progress =
    (what: string) =>
    (done: number): void =>
      terminal.progress(`${what}: ${done} of ${examples.length}`);
  const { headers } = await readImageHeaders(examples, {
    onProgress: progress('Reading headers'),
    signal,
  });
  const loader = new ImageLoader({ limits });
  try {
    return summarizeDataset(
      dataset,
      headers,
      await loader.inspect(examples, { onProgress: progress('Decoding'), signal }),
    );
  } finally {
    await loader.close();
  }
}
