/**
 * The part of Atomics.waitAsync that is used here. The language level of this package does not
 * declare it yet.
 */
type WaitAsync = (
  counter: Int32Array,
  index: number,
  value: number,
) => { async: false } | { async: true; value: Promise<string> };
const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync };

/** Amounts are counted in units of 1024. */
const UNIT_BITS = 10;

/**
 * A budget of pixels or bytes that all threads share. A request for more than is left waits until
 * others release theirs.
 */
export class SharedBudget {
  readonly #used: Int32Array;
  readonly #limit: number;

  /** @param used four zero bytes, shared by all threads */
  constructor(used: SharedArrayBuffer, limit: number) {
    this.#used = new Int32Array(used);
    this.#limit = unitsOf(limit);
  }

  /** Runs `work` while it has `amount` reserved. An amount above the limit runs alone. */
  async hold<T>(amount: number, work: () => Promise<T>): Promise<T> {
    const units = Math.min(unitsOf(amount), this.#limit);
    await this.#take(units);
    try {
      return await work();
    } finally {
      Atomics.sub(this.#used, 0, units);
      Atomics.notify(this.#used, 0);
    }
  }

  async #take(units: number): Promise<void> {
    for (;;) {
      const used = Atomics.load(this.#used, 0);
      if (used + units <= this.#limit) {
        if (Atomics.compareExchange(this.#used, 0, used, used + units) === used) return;
        continue;
      }
      const waiting = waitAsync(this.#used, 0, used);
      if (waiting.async) await waiting.value;
    }
  }
}

function unitsOf(amount: number): number {
  return Math.min(Math.ceil(amount / 2 ** UNIT_BITS), 2 ** 30);
}
