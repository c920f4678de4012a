import { RUNS_PAGE } from '../shared/limits.ts';
import { packRows } from '../shared/packed-rows.ts';
import type { RunRow, RunsAnswer } from '../shared/protocol.ts';
import type { RunIndex } from './run-index.ts';

/** The table of runs page by page. What was made of a version of the table is made once. */
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
   * A {@link RunsAnswer} as JSON, of the table as it was looked at last.
   *
   * @param after what the page before says is next; the first page otherwise
   */
  page(after = ''): string {
    const { version } = this.#index;
    if (version !== this.#version) {
      this.#version = version;
      this.#rows = this.#index.rows.sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
      this.#pages.clear();
    }
    // By place, not by number: runs that begin meanwhile move no other one to another page.
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

/** Where a run stands: those that began last come first. */
function placeOf({ startedAt, id }: RunRow): string {
  return `${startedAt} ${id}`;
}
