import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JpegDecoding, jpegDecodings } from '@fixres/data/names';
import { writeAside } from './files/write-aside.ts';

const FILE = 'images.csv';
const HEADER = 'part,digest,image';

/**
 * Enough to distinguish a million images: only one in forty million such sets has two images with
 * the same 64 bits.
 */
const DIGITS = 16;

/** Follows the part in a line, so that lines of earlier versions mean `accurate`. */
const suffixes: Readonly<Record<JpegDecoding, string>> = {
  accurate: '',
  tensorflow: '-tensorflow',
};

/** The images of a run, with the SHA-256 of the pixels of each. */
interface ImagesByDigest {
  train: readonly { id: string }[];
  heldOut: readonly { id: string }[];
  /** By id. */
  digestOf: ReadonlyMap<string, string | undefined>;
  /** How JPEG files were decoded for the digests. Default `accurate`. */
  decode?: JpegDecoding | undefined;
}

/** Identifies images by their content, independent of their names. */
export interface KnownImages {
  /**
   * Digests of images that a model was trained on, including those of the models it was initialised
   * from, by how JPEG files were decoded for them: another way gives other digests.
   */
  trained: ReadonlyMap<JpegDecoding, ReadonlySet<string>>;
  /** Ids of the images that the run trained on: without those that were held out, held back or left out. */
  trainIds: ReadonlySet<string>;
}

/** The start of the SHA-256 of an image's pixels, for {@link KnownImages}. */
export function shortDigest(digest: string): string {
  return digest.slice(0, DIGITS);
}

/**
 * Writes `images.csv` of a run: its training and held-out images, and the training images of the
 * initial model, each by the digest of its pixels.
 *
 * @param before the training images of the initial model
 */
export async function writeKnownImages(
  run: string,
  { train, heldOut, digestOf, decode = 'accurate' }: ImagesByDigest,
  before: KnownImages | undefined,
): Promise<void> {
  const line = (part: string, as: JpegDecoding, digest: string, id = ''): string =>
    `${part}${suffixes[as]},${digest},${/[",\n\r]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id}\n`;
  const lines = [
    ...train.map(({ id }) => line('train', decode, shortDigest(digestOf.get(id) ?? ''), id)),
    ...heldOut.map(({ id }) => line('held-out', decode, shortDigest(digestOf.get(id) ?? ''), id)),
    ...Array.from(before?.trained ?? []).flatMap(([as, digests]) =>
      Array.from(digests, (digest) => line('before', as, digest)),
    ),
  ];
  await writeAside(join(run, FILE), `${HEADER}\n${lines.join('')}`);
}

/** A line: part, `-tensorflow` or nothing, digest, and the id in quotes or without. A quoted id can contain lines. */
const LINE = new RegExp(
  `^(train|held-out|before)(${suffixes.tensorflow})?,([0-9a-f]{${DIGITS}}|),(?:"((?:[^"]|"")*)"|([^"\\r\\n]*))\\n`,
  'gm',
);

/** Reads `images.csv` of a run; undefined for runs of earlier versions, which have none. */
export async function readKnownImages(run: string): Promise<KnownImages | undefined> {
  const text = await readFile(join(run, FILE), 'utf8').catch(() => undefined);
  if (!text?.startsWith(`${HEADER}\n`)) return undefined;
  const digests = new Map(jpegDecodings.map((as) => [as, new Set<string>()]));
  const trainIds = new Set<string>();
  for (const [, part, tensorflow, digest, quoted, plain] of text.matchAll(LINE)) {
    if (part === 'held-out') continue;
    if (part === 'train') trainIds.add(quoted?.replaceAll('""', '"') ?? plain!);
    if (digest !== '') digests.get(tensorflow ? 'tensorflow' : 'accurate')!.add(digest!);
  }
  const trained = [...digests].filter(([, set]) => set.size > 0);
  return { trained: new Map(trained), trainIds };
}
