/** Milliseconds after which long work lets others go on. */
const SLICE = 8;

/**
 * Long works that take turns on one thread: one at a time goes on, for a slice. What is short takes no turn, so it waits for one slice at most,
 * however many long works there are.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;
  #since = 0;

  /** Waits for a turn. Give it back at the end. */
  async take(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    this.#since = performance.now();
  }

  /** Whether whoever has the turn has had it for a slice, and is to {@link pass} it on. */
  get isOver(): boolean {
    return performance.now() - this.#since >= SLICE;
  }

  /** Lets all others that wait have a slice, and what is short be done. */
  async pass(): Promise<void> {
    this.give();
    await new Promise<void>((resolve) => void setImmediate(resolve));
    await this.take();
  }

  give(): void {
    const next = this.#waiting.shift();
    // It stays taken, by whoever is next.
    if (next) next();
    else this.#isTaken = false;
  }
}
