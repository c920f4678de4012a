import {
  adjustmentText,
  createRandom,
  drawingOf,
  drawMix,
  type ImageSize,
  imageSizeText,
  mixPixels,
  type MixSettings,
  mixText,
  namedPolicy,
  type Policy,
  shuffledIndices,
  viewRandom,
  withAugment,
} from '@fixres/data';
import {
  datasetWarnings,
  decodeImage,
  type Example,
  type ImageLimits,
  ImageLoader,
  labelText,
  readBytes,
} from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import sharp, { type Sharp } from 'sharp';
import { checkPictureFile, writePicture } from '../files/picture-file.ts';
import { ORIGINAL, previewPicture, type PreviewCell } from '../preview/preview-picture.ts';
import { imageLimitsOf, resolveDataset } from '@fixres/runner/node';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';
import type { AugmentChoice } from '../options/augment-options.ts';
import { augmentationsOf, mixOf } from '../training-choice/augmentations-of.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { Terminal } from '../terminal/terminal.ts';
import { interruptible } from '../terminal/interruptible.ts';

/** Options of `fixres preview`, as the command line gives them. */
export interface PreviewOptions extends DatasetOptions, AugmentChoice {
  policy: string;
  imageSize: ImageSize;
  trainSize?: ImageSize;
  count: number;
  seed: number;
  out: string;
  json?: boolean;
  quiet?: boolean;
}

/** Draws images with their crop rectangles next to the output of a policy. */
export async function preview(datasetName: string, options: PreviewOptions): Promise<void> {
  const { imageSize: size, trainSize, count, seed, out } = options;
  const plain = namedPolicy(options.policy, { size, trainSize });
  const augmentations = augmentationsOf(options);
  const policy = augmentations.length === 0 ? plain : withAugment(plain, augmentations);
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
        mix: mixOf(options),
        seed,
        signal,
      });
      const title = `${policy.name} at ${imageSizeText(size)} pixels`;
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
    mix: settings,
    seed,
    signal,
  }: {
    classNames: readonly string[];
    limits: ImageLimits;
    mix: MixSettings | undefined;
    seed: number;
    signal: AbortSignal;
  },
): Promise<PreviewCell[]> {
  const loader = new ImageLoader({ limits });
  const { width, height } = policy.output;
  const length = width * height * 3;
  const cells: PreviewCell[] = [];
  try {
    let step = 0;
    for await (const batch of loader.batches(examples, {
      policy,
      // Small, so that a picture shows several mixtures.
      batchSize: settings ? 4 : 16,
      seed,
      signal,
    })) {
      const { indices } = batch;
      const mix = settings && drawMix(settings, policy.output, { seed, epoch: 0, step: step++ });
      const pixels = mix
        ? mixPixels(batch, mix, new Uint8Array(batch.pixels.length))
        : batch.pixels;
      for (const [i, index] of indices.entries()) {
        const example = examples[index]!;
        const image = await decodeImage(
          await readBytes(example.source, limits),
          example.id,
          limits,
        );
        // The stream from which the loader draws example `index` of epoch 0.
        const { view, adjustments, augmentations } = drawingOf(
          policy,
          image,
          viewRandom(seed, 0, index),
        );
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
          label: labelText(example, classNames),
          image: { width: image.width, height: image.height },
          view,
          changes: [
            ...[...adjustments, ...augmentations].map(adjustmentText),
            ...(mix
              ? [mixText(mix, labelText(examples[indices[indices.length - 1 - i]!]!, classNames))]
              : []),
          ],
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
