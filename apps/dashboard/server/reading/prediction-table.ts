import type { FileHandle } from 'node:fs/promises';
import { parsePredictionLine } from '@fixres/runs/read';
import type { PredictionQuery } from '../../shared/prediction-query.ts';
import type { PredictionRow, PredictionsAnswer, PredictionsPage } from '../../shared/protocol.ts';
import { readLines } from '../read-lines.ts';
import type { Turns } from './turns.ts';

const TOP = 5;
/** Enough for the probabilities of 100,000 classes. */
export const MAX_LINE: number = 4 << 20;
/** Number of cached selections of rows, so that further pages of a selection are fast. */
const KEPT_CHOICES = 4;

export interface PredictionLimits {
  /** Maximum number of rows to keep. */
  maxRows: number;
  /** Maximum number of bytes to read. */
  maxBytes: number;
}

/**
 * Content of a file of predictions: its counts, and the most probable classes of the first rows.
 */
export class PredictionTable {
  readonly overview: PredictionsAnswer;
  readonly #files: readonly string[];
  readonly #labels: Int32Array;
  /** Of multi-label images; otherwise empty. */
  readonly #sets: readonly NonNullable<PredictionRow['labels']>[];
  readonly #labelProbabilities: Float64Array;
  /** The {@link TOP} classes of each row, or fewer if there are fewer classes. */
  readonly #top: Int32Array;
  readonly #topProbabilities: Float64Array;
  readonly #width: number;
  /** By the query, the latest one last. */
  readonly #choices = new Map<string, Uint32Array>();
  #names: ReadonlySet<string> | undefined;

  private constructor(overview: PredictionsAnswer, rows: Rows) {
    this.overview = overview;
    this.#files = rows.files;
    this.#labels = Int32Array.from(rows.labels);
    this.#sets = rows.sets;
    this.#labelProbabilities = Float64Array.from(rows.labelProbabilities);
    this.#top = Int32Array.from(rows.top);
    this.#topProbabilities = Float64Array.from(rows.topProbabilities);
    this.#width = Math.min(TOP, overview.classes.length);
  }

  /**
   * Reads a file line by line, in turns with other tasks, and counts its confusion matrix. Limits
   * on rows and bytes bound memory and time.
   *
   * @param classes names in the order of the probabilities
   */
  static async read(
    handle: FileHandle,
    classes: readonly string[],
    turns: Turns,
    { maxRows, maxBytes }: PredictionLimits,
  ): Promise<PredictionTable> {
    const places = new Map(classes.map((name, i) => [name, i]));
    const counts = new Map<number, number>();
    const rows: Rows = {
      files: [],
      labels: [],
      sets: [],
      labelProbabilities: [],
      top: [],
      topProbabilities: [],
    };
    let total = 0;
    let damaged = 0;
    let correct = 0;
    let multiLabel = false;
    await turns.take();
    try {
      for await (const line of readLines(handle, {
        end: maxBytes,
        maxLine: MAX_LINE,
        unfinished: true,
      })) {
        if (turns.isOver) await turns.pass();
        const row = line === undefined ? undefined : parseRow(line, places);
        if (!row) {
          if (line !== '') damaged++;
          continue;
        }
        total++;
        if (row.labels?.exact ?? row.top[0]![0] === row.label) correct++;
        if (row.labels) multiLabel = true;
        else {
          const key = row.label * classes.length + row.top[0]![0];
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        if (rows.files.length >= maxRows) continue;
        rows.files.push(row.file);
        rows.labels.push(row.label);
        if (row.labels) rows.sets[rows.files.length - 1] = row.labels;
        rows.labelProbabilities.push(row.labelProbability);
        for (const [name, probability] of row.top) {
          rows.top.push(name);
          rows.topProbabilities.push(probability);
        }
      }
    } finally {
      turns.give();
    }
    const confusion = [...counts].map(([key, images]): [number, number, number] => [
      Math.floor(key / classes.length),
      key % classes.length,
      images,
    ]);
    const { size } = await handle.stat();
    return new PredictionTable(
      {
        classes: [...classes],
        total,
        listed: rows.files.length,
        multiLabel,
        correct,
        confusion,
        damaged,
        isPart: size > maxBytes,
      },
      rows,
    );
  }

  /** Number of rows that are kept. */
  get length(): number {
    return this.#files.length;
  }

  /** Whether an image of this name is in the rows. */
  has(file: string): boolean {
    this.#names ??= new Set(this.#files);
    return this.#names.has(file);
  }

  /** The names of the first images. */
  firstFiles(most: number): string[] {
    return this.#files.slice(0, most);
  }

  page(query: PredictionQuery): PredictionsPage {
    const { from, limit, ...which } = query;
    const chosen = this.#choice(which);
    return {
      total: chosen.length,
      from,
      rows: Array.from(chosen.subarray(from, from + limit), (i) => this.#row(i)),
    };
  }

  #choice(which: Omit<PredictionQuery, 'from' | 'limit'>): Uint32Array {
    const key = JSON.stringify(which);
    const choice = this.#choices.get(key) ?? this.#choose(which);
    this.#choices.delete(key);
    this.#choices.set(key, choice);
    const [oldest] = this.#choices.keys();
    if (this.#choices.size > KEPT_CHOICES) this.#choices.delete(oldest!);
    return choice;
  }

  #choose({
    kind,
    order,
    label,
    said,
    find = '',
  }: Omit<PredictionQuery, 'from' | 'limit'>): Uint32Array {
    const text = find.toLowerCase();
    const chosen = Uint32Array.from(this.#files.keys()).filter((i) => {
      const predicted = this.#top[i * this.#width]!;
      const set = this.#sets[i];
      const isRight = set?.exact ?? predicted === this.#labels[i];
      if (kind !== 'all' && isRight !== (kind === 'recognised')) return false;
      if (label !== undefined && !(set?.all.includes(label) ?? label === this.#labels[i]))
        return false;
      if ((said ?? predicted) !== predicted) return false;
      return text === '' || this.#files[i]!.toLowerCase().includes(text);
    });
    const confidence = (i: number): number => this.#topProbabilities[i * this.#width]!;
    if (order === 'most confident first')
      return chosen.sort((a, b) => confidence(b) - confidence(a));
    if (order === 'least confident first')
      return chosen.sort((a, b) => confidence(a) - confidence(b));
    if (order === 'least probable class first')
      return chosen.sort((a, b) => this.#labelProbabilities[a]! - this.#labelProbabilities[b]!);
    return chosen;
  }

  #row(i: number): PredictionRow {
    const at = i * this.#width;
    const top = Array.from({ length: this.#width }, (_, k): [number, number] => [
      this.#top[at + k]!,
      this.#topProbabilities[at + k]!,
    ]);
    const labels = this.#sets[i];
    return {
      file: this.#files[i]!,
      label: this.#labels[i]!,
      ...(labels && { labels }),
      top,
      labelProbability: this.#labelProbabilities[i]!,
    };
  }
}

/** The columns while they grow. */
interface Rows {
  files: string[];
  labels: number[];
  /** By the positions of the rows. */
  sets: NonNullable<PredictionRow['labels']>[];
  labelProbabilities: number[];
  top: number[];
  topProbabilities: number[];
}

function parseRow(line: string, places: ReadonlyMap<string, number>): PredictionRow | undefined {
  const parsed = parsePredictionLine(line, places);
  if (parsed === undefined) return undefined;
  const { file, label, labels: all, isExact: exact = false, probabilities } = parsed;
  return {
    file,
    label,
    ...(all && { labels: { all: [...all], exact } }),
    top: highest(probabilities),
    labelProbability: (all ?? [label]).reduce(
      (least, each) => Math.min(least, probabilities[each]!),
      1,
    ),
  };
}

/**
 * The highest numbers with their positions, highest first. Sorting all of 1,000 for each of 50,000
 * lines would take seconds.
 */
function highest(numbers: readonly number[]): [number, number][] {
  const top: [number, number][] = [];
  for (const [i, p] of numbers.entries()) {
    if (top.length === TOP && p <= top[TOP - 1]![1]) continue;
    const before = top.findIndex(([, other]) => p > other);
    top.splice(before === -1 ? top.length : before, 0, [i, p]);
    if (top.length > TOP) top.pop();
  }
  return top;
}
