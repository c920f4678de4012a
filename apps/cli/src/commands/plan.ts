import { FixresDataError, namedPolicy, planResolution, type Policy } from '@fixres/data';
import { datasetWarnings, readImageHeaders } from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import { checkPictureFile, writePicture } from '../picture-file.ts';
import { parseCandidates } from '../plan/parse-candidates.ts';
import { planJson } from '../plan/plan-json.ts';
import { planPicture } from '../plan/plan-picture.ts';
import { planText } from '../plan/plan-text.ts';
import { resolveDataset } from '@fixres/runner/node';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { Terminal } from '../terminal.ts';
import { interruptible } from './interruptible.ts';

/** Options of `fixres plan`, as the command line gives them. */
export interface PlanOptions extends DatasetOptions {
  trainSize: number;
  trainPolicy: string;
  candidates?: string;
  seed: number;
  out?: string;
  json?: boolean;
  quiet?: boolean;
}

/** Chooses a test resolution from the sizes of a data set's images. */
export async function plan(datasetName: string, options: PlanOptions): Promise<void> {
  const terminal = new Terminal({ quiet: options.quiet ?? false });
  const { trainSize, seed, out } = options;
  const trainPolicy = namedPolicy(options.trainPolicy, { size: trainSize, trainSize });
  const candidates: { candidates?: Policy[] } =
    options.candidates === undefined
      ? {}
      : { candidates: parseCandidates(options.candidates, trainSize) };
  if (out !== undefined) checkPictureFile(out);

  const reading = await datasetReading(options);
  await interruptible(
    async (signal) => {
      const dataset = await resolveDataset(datasetName, {
        cacheFolder: defaultCacheFolder(),
        reading,
        on: listenersOf(terminal),
        signal,
      });
      for (const warning of datasetWarnings(dataset)) terminal.warn(warning);
      const { examples, name } = dataset;
      const onProgress = (read: number): void =>
        terminal.progress(`Reading sizes: ${read} of ${examples.length}`);
      const { headers, failures } = await readImageHeaders(examples, { onProgress, signal });
      const sizes = headers.filter((header) => header !== undefined);
      if (sizes.length === 0)
        throw new FixresDataError(
          'corrupt-image',
          `${failures[0]!.message} Nor can any other image of "${name}".`,
        );
      if (failures.length > 0) {
        terminal.warn(
          `${failures.length} of ${examples.length} files are no images and are left out, the first of them ${failures[0]!.id}.`,
        );
      }
      const result = planResolution(sizes, trainPolicy, { trainSize, seed, ...candidates });
      if (out !== undefined) await writePicture(out, planPicture(name, sizes.length, result));
      const text = `${name}: ${sizes.length} images, trained with ${trainPolicy.name} at ${trainSize}\n\n${planText(result)}`;
      terminal.result(options.json ? JSON.stringify(planJson(name, result)) : text);
      if (out !== undefined) terminal.line(`\nPicture: ${out}`);
    },
    () => 'Interrupted.',
  );
}
