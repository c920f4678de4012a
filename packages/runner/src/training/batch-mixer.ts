import { type BatchPlace, drawMix, mixBatch, type MixSettings } from '@fixres/data';
import type { ImageBatch } from '../images/image-source.ts';

/** Mixes the images of batches, one after the other. */
export class BatchMixer {
  readonly #settings: MixSettings;
  readonly #classes: number;
  /** The pixels of a batch may belong to its source, so they are not changed. */
  #pixels: Uint8Array = new Uint8Array(0);

  /** @param classes number of classes */
  constructor(settings: MixSettings, classes: number) {
    this.#settings = settings;
    this.#classes = classes;
  }

  /**
   * A batch with mixed images and their targets; its `labels` are the classes with the larger
   * weights. The batch itself if it is not drawn to be mixed. Valid until the next call.
   */
  mix(batch: ImageBatch, place: BatchPlace): ImageBatch {
    const { shape, pixels } = batch;
    const mix = drawMix(this.#settings, { height: shape[1], width: shape[2] }, place);
    if (mix === undefined) return batch;
    if (this.#pixels.length < pixels.length) this.#pixels = new Uint8Array(pixels.length);
    return { ...batch, ...mixBatch(batch, mix, this.#classes, this.#pixels) };
  }
}
