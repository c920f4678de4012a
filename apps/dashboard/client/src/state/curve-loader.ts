/**
 * Maximum number of requests at once: a browser has six connections per host, and the page needs
 * some of them for other requests.
 */
const LANES = 3;
const TRY_AGAIN_AFTER = 2000;

/**
 * Loads the curves of the requested runs, few at once. Failed requests are repeated as long as the
 * run is requested.
 */
export class CurveLoader {
  readonly #load: (run: string) => Promise<void>;
  readonly #pause: number;
  #wanted: readonly string[] = [];
  readonly #loaded = new Set<string>();
  readonly #loading = new Set<string>();
  readonly #failed = new Set<string>();
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** @param load fails if the curves of a run are not available now */
  constructor(
    load: (run: string) => Promise<void>,
    { pause = TRY_AGAIN_AFTER }: { pause?: number } = {},
  ) {
    this.#load = load;
    this.#pause = pause;
  }

  /** Loads these runs and no others. */
  want(runs: readonly string[]): void {
    this.#wanted = runs;
    for (const known of [this.#loaded, this.#failed])
      for (const run of known) if (!runs.includes(run)) known.delete(run);
    this.#fill();
  }

  #tryAgainLater(): void {
    if (this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#failed.clear();
      this.#fill();
    }, this.#pause);
  }

  #fill(): void {
    for (const run of this.#wanted) {
      if (this.#loading.size >= LANES) return;
      if (!this.#loaded.has(run) && !this.#loading.has(run) && !this.#failed.has(run))
        void this.#loadOne(run);
    }
  }

  async #loadOne(run: string): Promise<void> {
    this.#loading.add(run);
    try {
      await this.#load(run);
      if (this.#wanted.includes(run)) this.#loaded.add(run);
    } catch {
      this.#failed.add(run);
      this.#tryAgainLater();
    }
    this.#loading.delete(run);
    this.#fill();
  }
}
