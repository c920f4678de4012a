import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAside } from './files/write-aside.ts';

const FILE = 'images.csv';
const HEADER = 'part,digest,image';

/** Enough to tell a million images apart: two of them have the same 64 bits once in forty million such sets. */
const DIGITS = 16;

/** The images of a run, with the SHA-256 of the pixels of each. */
interface ImagesByDigest {
  train: readonly { id: string }[];
  heldOut: readonly { id: string }[];
  /** By id. */
  digestOf: ReadonlyMap<string, string | undefined>;
}

/** Images by what is in them, however they are called. */
export interface KnownImages {
  /** Digests of images that a model was trained on, those of the models that it started from included. */
  trained: ReadonlySet<string>;
}

/** The start of the SHA-256 of an image's pixels, as {@link KnownImages} has it. */
export function shortDigest(digest: string): string {
  return digest.slice(0, DIGITS);
}

/**
 * Writes `images.csv` of a run: the images that it trains on and those that it holds out, and what the model that it starts from was
 * trained on, each by the digest of its pixels.
 *
 * @param before what the model was trained on that the run starts from
 */
export async function writeKnownImages(
  run: string,
  { train, heldOut, digestOf }: ImagesByDigest,
  before: KnownImages | undefined,
): Promise<void> {
  const line = (part: string, digest: string, id = ''): string =>
    `${part},${digest},${/[",\n\r]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id}\n`;
  const lines = [
    ...train.map(({ id }) => line('train', shortDigest(digestOf.get(id) ?? ''), id)),
    ...heldOut.map(({ id }) => line('held-out', shortDigest(digestOf.get(id) ?? ''), id)),
    ...Array.from(before?.trained ?? [], (digest) => line('before', digest)),
  ];
  await writeAside(join(run, FILE), `${HEADER}\n${lines.join('')}`);
}

/** Reads `images.csv` of a run; undefined for runs of earlier versions, which have none. */
export async function readKnownImages(run: string): Promise<KnownImages | undefined> {
  const text = await readFile(join(run, FILE), 'utf8').catch(() => undefined);
  if (!text?.startsWith(`${HEADER}\n`)) return undefined;
  return {
    trained: new Set(
      Array.from(
        text.matchAll(new RegExp(`^(?:train|before),([0-9a-f]{${DIGITS}}),`, 'gm')),
        ([, digest]) => digest!,
      ),
    ),
  };
}
