import { FixresDataError } from '@fixres/data';
import { decodeImage, type ImageFormat, imageFormat, readBytes } from '@fixres/data/node';
import type { Predictions } from '@fixres/runs';
import type { ExportedInterface, OpenedExport } from '../export-format.ts';
import {
  type ModelInput,
  preparedImages,
  type PreparedImagesOptions,
  resizedImages,
} from '../prepared-images.ts';
import { judged } from './label-sets.ts';

export interface PredictExportedOptions extends PreparedImagesOptions {
  /** The labels of the images. */
  reference: Pick<Predictions, 'labels' | 'targets'>;
  onProgress: (images: number) => void;
}

/**
 * Runs an exported model on images: prepared as its contract states, or as they are if it does that itself.
 *
 * @throws FixresDataError for an image that cannot be decoded, in fixres or in the model
 */
export async function predictExported(
  exported: OpenedExport,
  { input, layout, output }: Pick<ExportedInterface, 'input' | 'layout' | 'output'>,
  options: PredictExportedOptions,
): Promise<Predictions> {
  const rows: Float32Array[] = [];
  const batches = {
    bytes: () => files(options),
    levels: () => decoded(options, layout),
    resized: () => resizedImages(options, layout),
    prepared: () => preparedImages(options, layout),
  }[input]();
  let done = 0;
  for await (const batch of batches) {
    rows.push(Float32Array.from(await exported.run(batch)));
    options.onProgress((done += batch.dims[0]!));
  }
  const { labels, targets } = options.reference;
  const { head } = options.contract;
  const images = labels.length;
  const classes = rows.reduce((sum, { length }) => sum + length, 0) / images;
  const probabilities = new Float32Array(images * classes);
  let end = 0;
  for (const row of rows) {
    probabilities.set(row, end);
    end += row.length;
  }
  if (output === 'logits') {
    if (head === undefined) softmaxRows(probabilities, classes);
    else
      for (const [i, logit] of probabilities.entries())
        probabilities[i] = 1 / (1 + Math.exp(-logit));
  }
  return judged({ probabilities, classes, labels, targets }, head?.thresholds);
}

/** What exported models decode. */
const ENCODINGS: ReadonlySet<ImageFormat | undefined> = new Set(['jpeg', 'png'] as const);

/** Files have their own lengths, so each is a batch. */
async function* files({ examples, signal }: PredictExportedOptions): AsyncGenerator<ModelInput> {
  for (const { id, source } of examples) {
    signal.throwIfAborted();
    const values = await readBytes(source);
    if (!ENCODINGS.has(imageFormat(values)))
      throw new FixresDataError(
        'unsupported-format',
        `Image ${id} is neither JPEG nor PNG; give images in these formats with --data.`,
      );
    yield { values, dims: [1] };
  }
}

/** Images have their own sizes, so each is a batch. */
async function* decoded(
  { examples, contract: { decode }, signal }: PredictExportedOptions,
  layout: 'NHWC' | 'NCHW',
): AsyncGenerator<ModelInput> {
  for (const { id, source } of examples) {
    signal.throwIfAborted();
    const { width, height, data } = await decodeImage(await readBytes(source), id, { decode });
    yield layout === 'NHWC'
      ? { values: data, dims: [1, height, width, 3] }
      : { values: planes(data), dims: [1, 3, height, width] };
  }
}

/** All red levels, then all green ones, then all blue ones. */
function planes(levels: Uint8Array): Uint8Array {
  const area = levels.length / 3;
  return Uint8Array.from(levels, (_, i) => levels[(i % area) * 3 + Math.floor(i / area)]!);
}

function softmaxRows(values: Float32Array, classes: number): void {
  for (let start = 0; start < values.length; start += classes) {
    const row = values.subarray(start, start + classes);
    const most = row.reduce((a, b) => Math.max(a, b));
    const sum = row.reduce((total, logit) => total + Math.exp(logit - most), 0);
    for (const [i, logit] of row.entries()) row[i] = Math.exp(logit - most) / sum;
  }
}
