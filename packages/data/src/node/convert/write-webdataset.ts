import { join } from 'node:path';
import { writeClassNames } from '../dataset/class-names-file.ts';
import {
  datasetParts,
  type Example,
  type ImageDataset,
  usualSplitName,
} from '../dataset/dataset.ts';
import { inHashOrder } from '../dataset/dataset-subset.ts';
import { inLanes } from '../in-lanes.ts';
import { writeTarIndex } from '../readers/index/indexed-tar.ts';
import { defaultReaderLimits } from '../readers/reader-limits.ts';
import { readBytes } from '../files/byte-source.ts';
import { TarWriter } from '../files/tar-writer.ts';
import { imageEnding } from './image-ending.ts';
import type { Progress, Written } from './write-class-folders.ts';

/** Shards written at the same time; files are read and written by four threads of Node's. */
const SHARD_LANES = 4;

/**
 * Writes shards `<name>-<part>-<shard>.tar`. A sample has the image, its class number in `.cls`, and a
 * `.json` with the image's id and the name of its class. With several labels per image there is no `.cls`;
 * the `.json` has the list of class numbers as `labels`, and their `names`. The images are in the order of a hash, because
 * programs that read shards from start to end shuffle only what is near. Beside each shard is its index.
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
  const shards = [...datasetParts(dataset).keys()].flatMap((part) => {
    const base = [shardName(dataset.name), ...(part === undefined ? [] : [part])].join('-');
    const ofPart = inHashOrder(examples.filter(({ split }) => split === part));
    return plannedShards(ofPart, classNames, shardBytes).map((planned, i) => ({
      ...planned,
      file: join(folder, `${base}-${String(i).padStart(6, '0')}.tar`),
    }));
  });
  const written: Written = { files: shards.length, bytes: 0, warnings: [] };
  let images = 0;
  await inLanes(
    shards,
    SHARD_LANES,
    async ({ file, first, samples }) => {
      const tar = await TarWriter.create(file);
      try {
        for (const [i, example] of samples.entries()) {
          signal?.throwIfAborted();
          const bytes = await readBytes(example.source);
          const key = sampleKey(first + i);
          await tar.add(`${key}${imageEnding(bytes, example.id)}`, bytes);
          for (const [ending, text] of labelFiles(example, classNames))
            await tar.add(`${key}${ending}`, text);
          written.bytes += bytes.length;
          images += 1;
          onProgress?.(images);
        }
      } finally {
        await tar.finish();
      }
      // Read from the file, so that the index shows what is in it.
      await writeTarIndex(file, { limits: defaultReaderLimits, signal });
    },
    signal,
  );
  return written;
}

interface PlannedShard {
  /** Number of its first sample in its part. */
  first: number;
  samples: readonly Example[];
}

/** Which images are in which shard. Sizes are known before anything is read, so shards can be written at once. */
function plannedShards(
  examples: readonly Example[],
  classNames: readonly string[],
  shardBytes: number,
): PlannedShard[] {
  const shards: PlannedShard[] = [];
  let first = 0;
  let size = 0;
  for (const [i, example] of examples.entries()) {
    const labels = labelFiles(example, classNames).map(([, { length }]) => length);
    const lengths = [example.source.inflatedLength, ...labels];
    const bytes = lengths.reduce((sum, length) => sum + TarWriter.sizeOf(length), 0);
    if (i > first && size + bytes > shardBytes) {
      shards.push({ first, samples: examples.slice(first, i) });
      [first, size] = [i, 0];
    }
    size += bytes;
  }
  if (examples.length > 0) shards.push({ first, samples: examples.slice(first) });
  return shards;
}

function sampleKey(number: number): string {
  return String(number).padStart(9, '0');
}

/** The classes of a sample, as numbers, and as names with the image's earlier id. */
function labelFiles(
  { id, label, labels }: Example,
  classNames: readonly string[],
): readonly (readonly [ending: string, bytes: Buffer])[] {
  const json = (content: object): readonly [string, Buffer] => [
    '.json',
    Buffer.from(JSON.stringify({ id, ...content })),
  ];
  if (labels !== undefined)
    return [json({ labels, names: labels.map((each) => classNames[each]) })];
  return [['.cls', Buffer.from(String(label))], json({ label: classNames[label] })];
}

/** Words of a name that are those of parts would make all images of a shard belong to a part. */
function shardName(name: string): string {
  const words = name
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '' && usualSplitName(word) === undefined);
  return words.join('_').slice(0, 60) || 'images';
}
