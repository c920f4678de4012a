import { join } from 'node:path';
import { writeClassNames } from '../dataset/class-names-file.ts';
import {
  datasetParts,
  type Example,
  type ImageDataset,
  usualSplitName,
} from '../dataset/dataset.ts';
import { inHashOrder } from '../dataset/dataset-subset.ts';
import { readBytes } from '../files/byte-source.ts';
import { TarWriter } from '../files/tar-writer.ts';
import { imageEnding } from './image-ending.ts';
import type { Progress, Written } from './write-class-folders.ts';

/**
 * Writes shards `<name>-<part>-<shard>.tar`. A sample has the image, its class number in `.cls`, and a
 * `.json` with the image's id and the name of its class. With several labels per image there is no `.cls`;
 * the `.json` has the list of class numbers as `labels`, and their `names`. The images are in the order of a hash, because
 * programs that read shards from start to end shuffle only what is near.
 *
 * @throws FixresDataError those of `readBytes`, `corrupt-image`
 */
export async function writeWebdataset(
  folder: string,
  dataset: ImageDataset,
  { shardBytes, onProgress, signal }: Progress & { shardBytes: number },
): Promise<Written> {
  const { examples, classNames } = dataset;
  await writeClassNames(folder, classNames);
  const written: Written = { files: 0, bytes: 0, warnings: [] };
  let images = 0;
  for (const part of datasetParts(dataset).keys()) {
    const base = [shardName(dataset.name), ...(part === undefined ? [] : [part])].join('-');
    const shards = new Shards(join(folder, base), shardBytes);
    try {
      const ofPart = inHashOrder(examples.filter(({ split }) => split === part));
      for (const [i, example] of ofPart.entries()) {
        signal?.throwIfAborted();
        const bytes = await readBytes(example.source);
        await shards.add(sampleOf(example, { number: i, bytes, classNames }));
        written.bytes += bytes.length;
        images += 1;
        onProgress?.(images);
      }
    } finally {
      await shards.close();
    }
    written.files += shards.count;
  }
  return written;
}

type Sample = readonly (readonly [path: string, bytes: Uint8Array])[];

function sampleOf(
  { id, label, labels }: Example,
  {
    number,
    bytes,
    classNames,
  }: { number: number; bytes: Uint8Array; classNames: readonly string[] },
): Sample {
  const key = String(number).padStart(9, '0');
  const image = [`${key}${imageEnding(bytes, id)}`, bytes] as const;
  const json = (content: object): Sample[0] => [
    `${key}.json`,
    Buffer.from(JSON.stringify({ id, ...content })),
  ];
  if (labels !== undefined)
    return [image, json({ labels, names: labels.map((each) => classNames[each]) })];
  return [image, [`${key}.cls`, Buffer.from(String(label))], json({ label: classNames[label] })];
}

/** Words of a name that are those of parts would make all images of a shard belong to a part. */
function shardName(name: string): string {
  const words = name
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '' && usualSplitName(word) === undefined);
  return words.join('_').slice(0, 60) || 'images';
}

/** Tar files of limited size, one after the other. */
class Shards {
  readonly #base: string;
  readonly #bytes: number;
  #open: TarWriter | undefined;
  count = 0;

  constructor(base: string, bytes: number) {
    this.#base = base;
    this.#bytes = bytes;
  }

  async add(sample: Sample): Promise<void> {
    const size = sample.reduce((sum, [, bytes]) => sum + TarWriter.sizeOf(bytes), 0);
    if (this.#open && this.#open.size + size > this.#bytes) await this.close();
    if (!this.#open) {
      const number = String(this.count).padStart(6, '0');
      this.#open = await TarWriter.create(`${this.#base}-${number}.tar`);
      this.count += 1;
    }
    for (const [path, bytes] of sample) await this.#open.add(path, bytes);
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.finish();
  }
}
