import type { Stats } from 'node:fs';
import type { ArmScore } from '../../shared/protocol.ts';
import { readScores } from './read-summary.ts';

/**
 * Larger summaries are read after the table is shown, because a folder of runs with 1,000 classes
 * has GBs of them.
 */
const LARGE = 1 << 20;

/**
 * Reads the scores of large summaries, one after another, while the table is already shown without
 * them.
 */
export class LargeSummaries {
  readonly #known = new Map<string, ArmScore[] | undefined>();
  #reading: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** Whether {@link take} handles this summary. */
  isLarge(summary: Stats): boolean {
    return summary.size > LARGE;
  }

  /** The scores of a summary, returned once; undefined while they are being read. */
  take(folder: string, { size, mtimeMs }: Stats): ArmScore[] | undefined {
    const key = `${size} ${mtimeMs} ${folder}`;
    const scores = this.#known.get(key);
    if (scores) {
      this.#known.delete(key);
    } else if (!this.#known.has(key)) {
      this.#known.set(key, undefined);
      this.#reading = this.#reading.then(async () => {
        if (!this.#isClosed) this.#known.set(key, await readScores(folder));
      });
    }
    return scores;
  }

  /** Stops reading: nothing new is started. */
  close(): void {
    this.#isClosed = true;
  }
}
