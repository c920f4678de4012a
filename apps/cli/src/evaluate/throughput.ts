/**
 * Measures images per second over several passes. The very first batch is excluded if there are
 * others, because threads and kernels start with it.
 */
export class Throughput {
  #images = 0;
  #milliseconds = 0;
  #first: { images: number; milliseconds: number } | undefined;
  #since = 0;
  #before = 0;

  /** Starts a pass. */
  start(): void {
    this.#since = performance.now();
    this.#before = 0;
  }

  /** Counts a batch; `images` is the number of images since the start of the pass. */
  done(images: number): void {
    const now = performance.now();
    const batch = { images: images - this.#before, milliseconds: now - this.#since };
    this.#since = now;
    this.#before = images;
    if (this.#first === undefined) {
      this.#first = batch;
      return;
    }
    this.#images += batch.images;
    this.#milliseconds += batch.milliseconds;
  }

  /** 0 before the first batch. */
  imagesPerSecond(): number {
    const { images, milliseconds } =
      this.#images > 0
        ? { images: this.#images, milliseconds: this.#milliseconds }
        : (this.#first ?? { images: 0, milliseconds: 1 });
    return (images / milliseconds) * 1000;
  }
}
