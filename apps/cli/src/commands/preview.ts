import { createRandom, namedPolicy, type Policy, shuffledIndices, viewOf } from '@fixres/data';
import {
  datasetWarnings,
  decodeImage,
  type Example,
  type ImageLimits,
  ImageLoader,
  readBytes,
} from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import sharp, { type Sharp } from 'sharp';
import { checkPictureFile, writePicture } from '../files/picture-file.ts';
import { ORIGINAL, previewPicture, type PreviewCell } from '../preview/preview-picture.ts';
import { imageLimitsOf, resolveDataset } from '@fixres/runner/node';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { Terminal } from '../terminal/terminal.ts';
import { interruptible } from '../terminal/interruptible.ts';

/** Options of `fixres preview`, as the command line gives them. */
export interface PreviewOptions extends DatasetOptions {
  policy: string;
  imageSize: number;
  trainSize?: number;
  count: number;
  seed: number;
  out: string;
  json?: boolean;
  quiet?: boolean;
}

/** Draws images with their crop rectangles next to the output of a policy. */
export async function preview(datasetName: string, options: PreviewOptions): Promise<void> {
  const { imageSize: size, trainSize, count, seed, out } = options;
  const policy = namedPolicy(options.policy, { size, trainSize });
  checkPictureFile(out);

  const terminal = new Terminal({ quiet: options.quiet ?? false });
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
      const order = shuffledIndices(dataset.examples.length, createRandom(seed, 'preview'));
      const examples = Array.from(order.slice(0, count), (index) => dataset.examples[index]!);
      const cells = await drawCells(policy, examples, {
        classNames: dataset.classNames,
        limits: imageLimitsOf(reading),
        seed,
        signal,
      });
      const title = `${policy.name} at ${size} pixels`;
      await writePicture(
        out,
        previewPicture(
          title,
          `${dataset.name}, ${cells.length} of ${dataset.examples.length} images, seed ${seed}`,
          cells,
        ),
        { scale: 1 },
      );
      terminal.result(
        options.json
          ? JSON.stringify({ picture: out, policy: policy.name, size, images: cells.length })
          : out,
      );
    },
    () => 'Interrupted.',
  );
}

async function drawCells(
  policy: Policy,
  examples: readonly Example[],
  {
    classNames,
    limits,
    seed,
    signal,
  }: { classNames: readonly string[]; limits: ImageLimits; seed: number; signal: AbortSignal },
): Promise<PreviewCell[]> {
  const loader = new ImageLoader({ limits });
  const { width, height } = policy.output;
  const length = width * height * 3;
  const cells: PreviewCell[] = [];
  try {
    for await (const { pixels, indices } of loader.batches(examples, {
      policy,
      batchSize: 16,
      seed,
      signal,
    })) {
      for (const [i, index] of indices.entries()) {
        const example = examples[index]!;
        const image = await decodeImage(
          await readBytes(example.source, limits),
          example.id,
          limits,
        );
        // The stream from which the loader draws example `index` of epoch 0.
        const view = viewOf(policy, image, createRandom(seed, 'view', 0, index));
        const original = sharp(image.data, {
          raw: { width: image.width, height: image.height, channels: 3 },
        }).resize({
          width: 2 * ORIGINAL.width,
          height: 2 * ORIGINAL.height,
          fit: 'inside',
          withoutEnlargement: true,
        });
        const result = sharp(pixels.subarray(i * length, (i + 1) * length), {
          raw: { width, height, channels: 3 },
        });
        cells.push({
          label: classNames[example.label]!,
          image: { width: image.width, height: image.height },
          view,
          original: await dataUri(original),
          result: await dataUri(result),
        });
      }
    }
  } finally {
    await loader.close();
  }
  return cells;
}

async function dataUri(image: Sharp): Promise<string> {
  return `data:image/png;base64,${(await image.png().toBuffer()).toString('base64')}`;
}
