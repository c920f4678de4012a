import type { ImageBatch, ImageSource } from '../images/image-source.ts';

/** Options of a pass, as for `ImageSource.batches`. */
type Pass = Parameters<ImageSource['batches']>[0];

/**
 * The images of a pass in batches for one update each, of `parts` batches of the source, which can be those of one
 * of several processes, and so smaller than the pass's `batchSize`. The source
 * reads ahead in its small batches, so that only one large batch is in memory. A batch is valid
 * until the next one is requested; the memory of the source's batches is recycled.
 *
 * @param pass a `position` must be that of an update
 */
export async function* updateBatches(
  source: ImageSource,
  pass: Pass,
  parts: number,
): AsyncGenerator<ImageBatch, void> {
  const gathered = new GatheredBatch(parts);
  for await (const batch of source.batches(pass)) {
    if (parts === 1) {
      // The last batch of a training is released too.
      try {
        yield batch;
      } finally {
        source.release?.(batch);
      }
      continue;
    }
    gathered.add(batch);
    source.release?.(batch);
    if (gathered.batches === parts) yield gathered.take();
  }
  if (gathered.images > 0) yield gathered.take();
}

/** Collects batches in memory that is used again. */
class GatheredBatch {
  readonly #batches: number;
  #pixels: Uint8Array = new Uint8Array(0);
  #values: Float32Array = new Float32Array(0);
  #parts: Omit<ImageBatch, 'pixels'>[] = [];
  images = 0;

  /** @param batches number of them, of which none is larger than the first */
  constructor(batches: number) {
    this.#batches = batches;
  }

  /** Number of batches so far. */
  get batches(): number {
    return this.#parts.length;
  }

  add({ pixels, ...part }: ImageBatch): void {
    const count = part.labels.length;
    const most = this.#batches * (this.#parts[0]?.labels.length ?? count);
    const perImage = pixels.length / count;
    if (this.#pixels.length < most * perImage)
      this.#pixels = grown(this.#pixels, new Uint8Array(most * perImage));
    this.#pixels.set(pixels, this.images * perImage);
    const { features } = part;
    if (features !== undefined) {
      const numbers = features.values.length / count;
      if (this.#values.length < most * numbers)
        this.#values = grown(this.#values, new Float32Array(most * numbers));
      this.#values.set(features.values, this.images * numbers);
    }
    this.#parts.push(part);
    this.images += count;
  }

  /** All images as one batch; starts again. */
  take(): ImageBatch {
    const { images } = this;
    const parts = this.#parts;
    const { shape, targets, features } = parts[0]!;
    const sizeOf = ([, ...rest]: readonly number[]): number =>
      rest.reduce((product, side) => product * side, images);
    this.#parts = [];
    this.images = 0;
    return {
      pixels: this.#pixels.subarray(0, sizeOf(shape)),
      shape: [images, shape[1], shape[2], shape[3]],
      labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
      indices: Uint32Array.from(parts.flatMap(({ indices }) => [...indices])),
      ...(targets && {
        targets: Float32Array.from(parts.flatMap((part) => [...part.targets!])),
      }),
      ...(features && {
        features: {
          values: this.#values.subarray(0, sizeOf(features.shape)),
          shape: [images, ...features.shape.slice(1)],
        },
      }),
    };
  }
}

/** A larger array with the numbers of a smaller one. */
function grown<T extends Uint8Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
