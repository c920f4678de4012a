import type { Size } from '@fixres/data';
import { type ImageDataset, readBytes, readImageHeaders } from '@fixres/data/node';
import sharp from 'sharp';
import { readSmallJson } from './open-inside.ts';
import { openPredictions } from './run-detail.ts';

/** Opens the data set that a run's configuration names. Must not download anything. */
export type OpenRecordedDataset = (config: unknown, runFolder: string) => Promise<ImageDataset>;

const MAX_IMAGE = 64 << 20;
const KEPT = 8;
/** Images whose sizes are read: enough for the mean of a simulation. */
const SIZES = 400;

interface Images {
  byId: Map<string, ImageDataset['examples'][number]>;
  /** Ids named by a file of predictions; filled as files are read. */
  named: Set<string>;
  files: Set<string>;
}

/** An image as it is sent. */
export interface SentImage {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
}

/**
 * The images behind the predictions of runs. They lie outside of the runs folder, so what can be fetched is narrow: only images of
 * the data set that the run's configuration names, of these only such as the run's own predictions list, and only what decodes as
 * an image.
 */
export class RunImages {
  readonly #open: OpenRecordedDataset | undefined;
  readonly #runs = new Map<string, Promise<Images>>();

  constructor(open: OpenRecordedDataset | undefined) {
    this.#open = open;
  }

  /** Whether the images of a run can be shown, and if not, why. */
  async availability(folder: string): Promise<{ available: boolean; reason: string | null }> {
    if (!this.#open) return { available: false, reason: 'The dashboard was started without images.' };
    try {
      await this.#images(folder);
      return { available: true, reason: null };
    } catch (error) {
      return { available: false, reason: (error as Error).message };
    }
  }

  /**
   * An image that a file of predictions names; undefined for any other.
   *
   * @param side longest side in pixels; the original bytes when left out
   */
  async read(folder: string, predictions: string, id: string, side?: number): Promise<SentImage | undefined> {
    if (!this.#open) return undefined;
    const images = await this.#images(folder);
    await nameImages(images, folder, predictions);
    const example = images.named.has(id) ? images.byId.get(id) : undefined;
    if (!example) return undefined;
    const bytes = await readBytes(example.source, { maxBytes: MAX_IMAGE });
    if (side === undefined) {
      const type = imageType(bytes);
      return type === undefined ? undefined : { bytes: new Uint8Array(bytes), type };
    }
    const small = await sharp(bytes, { limitInputPixels: 2 ** 26 }).autoOrient().resize(side, side, { fit: 'inside', withoutEnlargement: true }).jpeg({ quality: 82 }).toBuffer();
    return { bytes: new Uint8Array(small), type: 'image/jpeg' };
  }

  /** Width and height of the first images that a file of predictions names, upright. */
  async sizes(folder: string, predictions: string): Promise<Size[]> {
    if (!this.#open) return [];
    const images = await this.#images(folder);
    await nameImages(images, folder, predictions);
    const examples = [...images.named].slice(0, SIZES).map((id) => images.byId.get(id)!);
    const { headers } = await readImageHeaders(examples);
    return headers.flatMap((header) => (header ? [{ width: header.width, height: header.height }] : []));
  }

  #images(folder: string): Promise<Images> {
    const known = this.#runs.get(folder);
    if (known) return known;
    const opened = openImages(this.#open!, folder);
    this.#runs.set(folder, opened);
    // A data set that is not there now may be later.
    opened.catch(() => this.#runs.delete(folder));
    const oldest = this.#runs.keys().next().value;
    if (this.#runs.size > KEPT && oldest !== undefined) this.#runs.delete(oldest);
    return opened;
  }
}

async function openImages(open: OpenRecordedDataset, folder: string): Promise<Images> {
  const config = await readSmallJson(1 << 20, folder, 'config.json');
  const { examples } = await open(config, folder);
  return { byId: new Map(examples.map((example) => [example.id, example])), named: new Set(), files: new Set() };
}

async function nameImages(images: Images, folder: string, predictions: string): Promise<void> {
  if (images.files.has(predictions)) return;
  const file = await openPredictions(folder, predictions);
  if (!file) return;
  try {
    for await (const line of file.handle.readLines({ autoClose: false })) {
      const id = idOf(line);
      if (id !== undefined && images.byId.has(id)) images.named.add(id);
    }
  } finally {
    await file.handle.close();
  }
  images.files.add(predictions);
}

function idOf(line: string): string | undefined {
  try {
    const { file } = JSON.parse(line) as { file?: unknown };
    return typeof file === 'string' ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Type of the formats that the data sets hold, by their first bytes. */
function imageType(bytes: Uint8Array): string | undefined {
  const starts = (text: string, at = 0): boolean => Buffer.from(bytes.buffer, bytes.byteOffset + at, text.length).toString('latin1') === text;
  if (bytes.length < 16) return undefined;
  if (starts('\u00ff\u00d8\u00ff')) return 'image/jpeg';
  if (starts('\u0089PNG\r\n\u001a\n')) return 'image/png';
  if (starts('RIFF') && starts('WEBP', 8)) return 'image/webp';
  return undefined;
}
