import { relative, resolve, sep } from 'node:path';
import { FixresDataError } from '@fixres/data';
import {
  convertDataset,
  type ConvertedLayout,
  datasetParts,
  datasetWarnings,
} from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import { isPath, resolveDataset } from '@fixres/runner/node';
import { counted, megabytes } from '@fixres/runs/report';
import { inCommandLineWords } from '../command-line/command-line-words.ts';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres data convert`, as the command line gives them. */
export interface DataConvertOptions extends DatasetOptions {
  to: ConvertedLayout;
  out: string;
  /** In 10^6 bytes. */
  shardSize?: number;
  skipCorrupt?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** Writes a data set in another layout. */
export async function dataConvert(datasetName: string, options: DataConvertOptions): Promise<void> {
  const { to, out, shardSize } = options;
  if (shardSize !== undefined && to !== 'webdataset')
    throw new FixresDataError('bad-option', `Option --shard-size goes with --to webdataset only.`);
  if (isPath(datasetName) && isWithin(out, datasetName))
    throw new FixresDataError(
      'bad-option',
      `Option --out is "${out}", which is in the data set "${datasetName}"; give another folder.`,
    );
  const terminal = new Terminal({ quiet: options.quiet ?? false });
  const reading = await datasetReading(options);
  const { dataset, converted } = await interruptible(
    async (signal) => {
      const dataset = await resolveDataset(datasetName, {
        cacheFolder: defaultCacheFolder(),
        reading,
        on: listenersOf(terminal),
        signal,
      });
      for (const warning of datasetWarnings(dataset)) terminal.warn(warning);
      const total = dataset.examples.length;
      const converted = await convertDataset(dataset, {
        to,
        out,
        shardBytes: shardSize === undefined ? undefined : shardSize * 1e6,
        skipCorrupt: options.skipCorrupt,
        onProgress: (images) => terminal.progress(`Writing: ${images} of ${total}`),
        signal,
      });
      return { dataset, converted };
    },
    () => `Interrupted. Nothing was written to ${out}.`,
  );
  const { images, files, bytes } = converted;
  for (const warning of converted.warnings) terminal.warn(warning);
  const warnings = [...datasetWarnings(dataset), ...converted.warnings];
  const { name, classNames } = dataset;
  const facts = {
    dataset: name,
    out,
    layout: to,
    images,
    files,
    bytes,
    classes: classNames.length,
  };
  const parts = [...datasetParts(dataset).keys()].filter((part) => part !== undefined);
  const written = to === 'folder' ? 'class folders' : counted(files, 'webdataset shard');
  terminal.result(
    options.json
      ? JSON.stringify({ ...facts, warnings: warnings.map(inCommandLineWords) })
      : `${out}: ${counted(images, 'image')} of ${counted(classNames.length, 'class', 'classes')}${parts.length === 0 ? '' : ` in ${parts.join(', ')}`} as ${written}, ${megabytes(bytes / 1e6)}`,
  );
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !way.includes(':'));
}
