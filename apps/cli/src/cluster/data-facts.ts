import { createHash } from 'node:crypto';
import { labelText } from '@fixres/data/node';
import type { ImageDataset } from '@fixres/data/node';

/** Images that have a digest together. */
const BLOCK = 1024;
/** Bytes of the digest of a block. */
const DIGEST = 8;

/** What a process found at the place of the data set. Plain data. */
export interface DataFacts {
  images: number;
  /** SHA-256 of all images' ids, classes and bytes in the file, its first 12 digits. */
  digest: string;
  /** Why the data set could not be opened; the other fields are then those of no image. */
  error?: string;
}

/** The images of a process in comparable form. */
export class DataList {
  /** Id, classes and length of each image. */
  readonly #lines: readonly string[];

  /** @param dataset undefined if it could not be opened */
  constructor(dataset: Pick<ImageDataset, 'examples' | 'classNames'> | undefined) {
    this.#lines = (dataset?.examples ?? []).map((example) =>
      [example.id, labelText(example, dataset!.classNames), example.source.length].join('\t'),
    );
  }

  get facts(): DataFacts {
    const digest = createHash('sha256').update(this.#lines.join('\n')).digest('hex').slice(0, 12);
    return { images: this.#lines.length, digest };
  }

  /** A digest of each block of images. */
  blocks(): Uint8Array {
    const blocks = Math.ceil(this.#lines.length / BLOCK);
    return Buffer.concat(
      Array.from({ length: blocks }, (_, block) =>
        createHash('sha256').update(this.linesOf(block).join('\n')).digest().subarray(0, DIGEST),
      ),
    );
  }

  linesOf(block: number): readonly string[] {
    return this.#lines.slice(block * BLOCK, (block + 1) * BLOCK);
  }
}

/** The number of the first block in which digests differ; undefined if none does. */
export function firstDifferentBlock(one: Uint8Array, other: Uint8Array): number | undefined {
  const blocks = Math.ceil(Math.max(one.length, other.length) / DIGEST);
  for (let block = 0; block < blocks; block++) {
    const [a, b] = [one, other].map((all) => all.subarray(block * DIGEST, (block + 1) * DIGEST));
    if (Buffer.compare(a!, b!) !== 0) return block;
  }
  return undefined;
}

/**
 * How the first different image of two processes differs, as a sentence.
 *
 * @param own lines of a block of a process
 * @param first those of process 0; they differ
 */
export function dataDifference(
  { who, lines: own }: { who: string; lines: readonly string[] },
  { who: whoFirst, lines: first }: { who: string; lines: readonly string[] },
): string {
  const at = first.findIndex((line, i) => own[i] !== line);
  const place = at === -1 ? first.length : at;
  const [here, there] = [parsed(own[place]), parsed(first[place])];
  if (here === undefined || (there && here.id !== there.id && !hasId(own, there.id)))
    return `${capital(who)} does not have the image "${there!.id}" of ${whoFirst}.`;
  if (there === undefined || here.id !== there.id)
    return `${capital(who)} has the image "${here.id}", which ${whoFirst} does not have there.`;
  const [a, b] =
    here.bytes === there.bytes
      ? [`the class ${here.classes}`, there.classes]
      : [`${here.bytes} bytes`, there.bytes];
  return `Image "${here.id}" of ${who} has ${a}, and that of ${whoFirst} ${b}.`;
}

function capital(text: string): string {
  return text.replace(/^./, (first) => first.toUpperCase());
}

interface Line {
  id: string;
  classes: string;
  bytes: string;
}

function parsed(line: string | undefined): Line | undefined {
  if (line === undefined) return undefined;
  const [bytes, classes, ...id] = line.split('\t').reverse();
  return { id: id.reverse().join('\t'), classes: classes!, bytes: bytes! };
}

function hasId(lines: readonly string[], id: string): boolean {
  return lines.some((line) => parsed(line)!.id === id);
}
