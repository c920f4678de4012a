import type { Size } from '@fixres/data';
import { join } from 'node:path';
import { type ImageDataset, readBytes, readImageHeaders, sharpImage } from '@fixres/data/node';
import { fileVersion, plainFile, readSmallJson } from '../open-inside.ts';
import type { RunReader } from '../reading/run-reader.ts';

/** Opens the data set of a run's configuration. Must not download anything. */
export type OpenRecordedDataset = (config: unknown, runFolder: string) => Promise<ImageDataset>;

const MAX_IMAGE = 64 << 20;
const KEPT = 8;
/** Number of images whose sizes are read: enough for the mean of a simulation. */
const SIZES = 400;

/** Images of a data set by their ids. */
type Images = ReadonlyMap<string, ImageDataset['examples'][number]>;

/** An image as it is sent. */
export interface SentImage {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
}

/**
 * The images of the predictions of runs. They are outside the runs folder, so access is restricted
 * to images of the data set in the run's configuration that are in the run's own predictions and
 * decode as an image.
 */
export class RunImages {
  readonly #open: OpenRecordedDataset | undefined;
  readonly #reader: RunReader;
  /**
   * By folder, with the version of the configuration: another run can replace the one in the
   * folder.
   */
  readonly #runs = new Map<string, { version: string; images: Promise<Images> }>();

  constructor(open: OpenRecordedDataset | undefined, reader: RunReader) {
    this.#open = open;
    this.#reader = reader;
  }

  /** Whether the images of a run can be shown, and if not, why. */
  async availability(folder: string): Promise<{ available: boolean; reason: string | null }> {
    if (!this.#open)
      return { available: false, reason: 'The dashboard was started without images.' };
    try {
      await this.#images(folder);
      return { available: true, reason: null };
    } catch (error) {
      return { available: false, reason: (error as Error).message };
    }
  }

  /**
   * An image in a file of predictions; undefined for any other.
   *
   * @param side longest side in pixels; the original bytes if left out
   */
  async read(
    folder: string,
    predictions: string,
    id: string,
    side?: number,
  ): Promise<SentImage | undefined> {
    if (!this.#open) return undefined;
    const example = (await this.#images(folder)).get(id);
    if (!example || !(await this.#reader.isPredicted(folder, predictions, id))) return undefined;
    const bytes = await readBytes(example.source, { maxBytes: MAX_IMAGE });
    if (side === undefined) {
      const type = imageType(bytes);
      // Not every browser shows the other formats.
      if (type !== undefined) return { bytes: new Uint8Array(bytes), type };
      const image = await sharpImage(bytes, id);
      return { bytes: new Uint8Array(await image.png().toBuffer()), type: 'image/png' };
    }
    const image = await sharpImage(bytes, id);
    const small = await image
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: 82 })
      .toBuffer();
    return { bytes: new Uint8Array(small), type: 'image/jpeg' };
  }

  /** Width and height of the first images in a file of predictions, upright. */
  async sizes(folder: string, predictions: string): Promise<Size[]> {
    if (!this.#open) return [];
    const images = await this.#images(folder);
    const named = await this.#reader.predictedImages(folder, predictions, SIZES);
    const { headers } = await readImageHeaders(named.flatMap((id) => images.get(id) ?? []));
    return headers.flatMap((header) =>
      header ? [{ width: header.width, height: header.height }] : [],
    );
  }

  async #images(folder: string): Promise<Images> {
    const version = await versionOf(join(folder, 'config.json'));
    const known = this.#runs.get(folder);
    if (known?.version === version) return known.images;
    const images = openImages(this.#open!, folder);
    const opened = { version, images };
    this.#runs.delete(folder);
    this.#runs.set(folder, opened);
    // A data set that is missing now may exist later.
    images.catch(() => this.#runs.get(folder) === opened && this.#runs.delete(folder));
    const oldest = this.#runs.keys().next().value;
    if (this.#runs.size > KEPT && oldest !== undefined) this.#runs.delete(oldest);
    return images;
  }
}

async function openImages(open: OpenRecordedDataset, folder: string): Promise<Images> {
  const config = await readSmallJson(1 << 20, folder, 'config.json');
  const { examples } = await open(config, folder);
  return new Map(examples.map((example) => [example.id, example]));
}

/** A text that changes if the file was replaced or changed. */
async function versionOf(path: string): Promise<string> {
  const info = await plainFile(path);
  return info ? fileVersion(info) : '';
}

/** Media type of the formats in data sets, by their first bytes. */
function imageType(bytes: Uint8Array): string | undefined {
  const starts = (text: string, at = 0): boolean =>
    Buffer.from(bytes.buffer, bytes.byteOffset + at, text.length).toString('latin1') === text;
  if (bytes.length < 16) return undefined;
  if (starts('\u00ff\u00d8\u00ff')) return 'image/jpeg';
  if (starts('\u0089PNG\r\n\u001a\n')) return 'image/png';
  if (starts('RIFF') && starts('WEBP', 8)) return 'image/webp';
  return undefined;
}
