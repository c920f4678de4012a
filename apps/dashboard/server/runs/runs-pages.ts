import { RUNS_PAGE } from '../../shared/limits.ts';
import { packRows } from '../../shared/packed-rows.ts';
import type { RunRow, RunsAnswer } from '../../shared/protocol.ts';
import type { RunIndex } from './run-index.ts';

/** The table of runs page by page. The response for a version of the table is computed once. */
export class RunsPages {
  readonly #index: RunIndex;
  readonly #given: Pick<RunsAnswer, 'boot' | 'control'>;
  #version = -1;
  #rows: readonly RunRow[] = [];
  readonly #pages = new Map<string, string>();

  constructor(index: RunIndex, given: Pick<RunsAnswer, 'boot' | 'control'>) {
    this.#index = index;
    this.#given = given;
  }

  /**
   * A {@link RunsAnswer} as JSON, of the table at the last refresh.
   *
   * @param after `next` of the previous page; otherwise the first page
   */
  page(after = ''): string {
    const { version } = this.#index;
    if (version !== this.#version) {
      this.#version = version;
      this.#rows = this.#index.rows.sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
      this.#pages.clear();
    }
    // By key, not by number, so that runs that start meanwhile do not move other runs to another
    // page.
    const from = after === '' ? 0 : this.#rows.findIndex((row) => placeOf(row) < after);
    const rows = from === -1 ? [] : this.#rows.slice(from, from + RUNS_PAGE);
    const last = rows.at(-1);
    const key = last ? placeOf(last) : '';
    const known = this.#pages.get(`${from} ${key}`);
    if (known !== undefined) return known;
    const next = last && last !== this.#rows.at(-1) ? key : null;
    const page = JSON.stringify({
      ...this.#given,
      version,
      total: this.#rows.length,
      ...packRows(rows),
      next,
    } satisfies RunsAnswer);
    this.#pages.set(`${from} ${key}`, page);
    return page;
  }
}

/** Sort key of a run: the latest start comes first. */
function placeOf({ startedAt, id }: RunRow): string {
  return `${startedAt} ${id}`;
}
