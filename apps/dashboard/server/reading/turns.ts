/** Milliseconds after which long work lets other work continue. */
const SLICE = 8;

/**
 * Long tasks that take turns on one thread: one at a time runs, for a slice. Short tasks need no
 * turn, so they wait for at most one slice, however many long tasks there are.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;
  #since = 0;

  /** Waits for a turn. {@link give} it back at the end. */
  async take(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    this.#since = performance.now();
  }

  /** Whether the current turn has lasted a slice, and should {@link pass} to the next. */
  get isOver(): boolean {
    return performance.now() - this.#since >= SLICE;
  }

  /** Lets all waiting tasks run for a slice, and short tasks finish. */
  async pass(): Promise<void> {
    this.give();
    await new Promise<void>((resolve) => void setImmediate(resolve));
    await this.take();
  }

  give(): void {
    const next = this.#waiting.shift();
    // It stays taken, now by the next task.
    if (next) next();
    else this.#isTaken = false;
  }
}
