/** A row of numbers: positions on axes, and values. NaN is a gap. */
export type Row<Column extends string> = Record<Column, number>;

/** A part of a series: from `from` to `to` on an axis. */
export interface Range<Axis extends string> {
  axis: Axis;
  from: number;
  to: number;
}

/** A series in serialised form: plain data, NaN as null. */
export interface SeriesJson {
  stride: number;
  pending: Pending;
  means: Record<string, number[]>;
  low: Record<string, number[]>;
  high: Record<string, number[]>;
  first: Record<string, number> | null;
  last: Record<string, number> | null;
}

/** Rows that do not fill a point yet. */
interface Pending {
  count: number;
  /** By column. */
  sums: number[];
  /** By value. */
  low: number[];
  high: number[];
}

/**
 * Rows in the order of their positions, added row by row up to a maximum size. Above it, a point is
 * the mean of `stride` neighbours, together with the lowest and the highest of each value; the
 * first and the last row are kept unchanged. A mean is a gap if one of its rows has a gap, an
 * extreme only if all have.
 */
export class Series<Axis extends string, Value extends string> {
  /** Number of rows per point: a power of two. */
  stride = 1;
  means: Record<Axis | Value, number[]>;
  /** Lowest and highest value of the rows of each point; empty if a point is one row. */
  low: Record<Value, number[]>;
  high: Record<Value, number[]>;
  first: Row<Axis | Value> | null = null;
  last: Row<Axis | Value> | null = null;
  pending: Pending = nothingPending();
  readonly #axes: readonly Axis[];
  readonly #values: readonly Value[];
  readonly #columns: readonly (Axis | Value)[];
  readonly #maxPoints: number;

  /** @param maxPoints maximum total numbers of a column; a multiple of 4 */
  constructor(
    axes: readonly Axis[],
    values: readonly Value[],
    maxPoints: number,
    json?: SeriesJson,
  ) {
    this.#axes = axes;
    this.#values = values;
    this.#columns = [...axes, ...values];
    this.#maxPoints = maxPoints;
    this.means = mapColumns(this.#columns, (name) => withNaN(json?.means[name] ?? []));
    this.low = mapColumns(values, (name) => withNaN(json?.low[name] ?? []));
    this.high = mapColumns(values, (name) => withNaN(json?.high[name] ?? []));
    if (!json) return;
    this.stride = json.stride;
    this.pending = {
      count: json.pending.count,
      sums: withNaN(json.pending.sums),
      low: withNaN(json.pending.low),
      high: withNaN(json.pending.high),
    };
    this.first = this.#row(json.first);
    this.last = this.#row(json.last);
  }

  /** Number of points. */
  get length(): number {
    return this.means[this.#axes[0]!].length;
  }

  add(row: Row<Axis | Value>): void {
    this.first ??= row;
    this.last = row;
    if (this.stride === 1) for (const name of this.#columns) this.means[name].push(row[name]);
    else this.#average(row);
    this.#shrink();
  }

  /**
   * Positions and values to draw a line through: the rows themselves, or for points of several
   * rows, their lowest and highest values next to each other, so that every spike and both ends are
   * visible. Positions ascend; they are those of the rows to within a point.
   */
  line(value: Value, axis: Axis): { x: readonly number[]; y: readonly number[] } {
    const places = this.means[axis];
    if (this.stride === 1) return { x: places, y: this.means[value] };
    const { first, last, pending } = this;
    const x: number[] = [];
    const y: number[] = [];
    const add = (place: number, each: number): void => {
      x.push(Math.max(place, x.at(-1) ?? -Infinity));
      y.push(each);
    };
    if (first) add(first[axis], first[value]);
    for (const [i, place] of places.entries()) {
      const quarter = i > 0 ? (place - places[i - 1]!) / 4 : ((places[1] ?? place) - place) / 4;
      add(place - quarter, this.low[value][i]!);
      add(place + quarter, this.high[value][i]!);
    }
    if (!last) return { x, y };
    if (pending.count > 1) {
      const [at, of] = [this.#columns.indexOf(axis), this.#values.indexOf(value)];
      const place = pending.sums[at]! / pending.count;
      add(place - (last[axis] - place) / 2, pending.low[of]!);
      add(place + (last[axis] - place) / 2, pending.high[of]!);
    }
    add(last[axis], last[value]);
    return { x, y };
  }

  /** Removes all but the first points. */
  cut(length: number): void {
    if (length >= this.length) return;
    for (const columns of [this.means, this.low, this.high])
      for (const column of Object.values<number[]>(columns))
        column.length = Math.min(column.length, length);
    this.pending = nothingPending();
    this.first = length > 0 ? this.first : null;
    this.last = length > 0 ? this.#meanAt(length - 1) : null;
  }

  /**
   * A copy with at most this number of numbers per column.
   *
   * @param range only this range, and one point beyond each end, so that a line continues correctly
   * to the edge
   */
  reduced(maxPoints: number, range?: Range<Axis>): Series<Axis, Value> {
    const copy = new Series(this.#axes, this.#values, maxPoints);
    const [from, to] = range ? partOf(this.means[range.axis], range) : [0, this.length];
    copy.stride = this.stride;
    copy.means = mapColumns(this.#columns, (name) => this.means[name].slice(from, to));
    copy.low = mapColumns(this.#values, (name) => this.low[name].slice(from, to));
    copy.high = mapColumns(this.#values, (name) => this.high[name].slice(from, to));
    const isToEnd = to === this.length;
    if (isToEnd)
      copy.pending = {
        ...this.pending,
        sums: [...this.pending.sums],
        low: [...this.pending.low],
        high: [...this.pending.high],
      };
    copy.first = from === 0 || this.length === 0 ? this.first : this.#meanAt(from);
    copy.last = isToEnd ? this.last : this.#meanAt(to - 1);
    copy.#shrink();
    return copy;
  }

  toJSON(): SeriesJson {
    const { stride, pending, means, low, high, first, last } = this;
    return {
      stride,
      pending,
      means,
      low: stride > 1 ? low : {},
      high: stride > 1 ? high : {},
      first,
      last,
    };
  }

  #average(row: Row<Axis | Value>): void {
    const values = this.#values.map((name) => row[name]);
    this.#addPending(
      1,
      this.#columns.map((name) => row[name]),
      values,
      values,
    );
    if (this.pending.count < this.stride) return;
    const { sums, low, high } = this.pending;
    this.#columns.forEach((name, i) => this.means[name].push(sums[i]! / this.stride));
    this.#values.forEach((name, i) => this.low[name].push(low[i]!));
    this.#values.forEach((name, i) => this.high[name].push(high[i]!));
    this.pending = nothingPending();
  }

  #addPending(
    count: number,
    sums: readonly number[],
    low: readonly number[],
    high: readonly number[],
  ): void {
    const { pending } = this;
    this.pending = {
      count: pending.count + count,
      sums: sums.map((sum, i) => sum + (pending.sums[i] ?? 0)),
      low: low.map((value, i) => lower(value, pending.low[i] ?? Number.NaN)),
      high: high.map((value, i) => higher(value, pending.high[i] ?? Number.NaN)),
    };
  }

  #shrink(): void {
    // With several rows, a point has two drawn numbers per value.
    while (this.length >= (this.stride === 1 ? this.#maxPoints : this.#maxPoints / 2)) this.#pair();
  }

  #pair(): void {
    const { length, stride } = this;
    const lows = stride === 1 ? this.means : this.low;
    const highs = stride === 1 ? this.means : this.high;
    const rest = length - 1;
    if (length % 2 === 1) {
      this.#addPending(
        stride,
        this.#columns.map((name) => this.means[name][rest]! * stride),
        this.#values.map((name) => lows[name][rest]!),
        this.#values.map((name) => highs[name][rest]!),
      );
    }
    [this.low, this.high] = [
      mapColumns(this.#values, (name) => pairs(lows[name], lower)),
      mapColumns(this.#values, (name) => pairs(highs[name], higher)),
    ];
    this.means = mapColumns(this.#columns, (name) =>
      pairs(this.means[name], (a, b) => (a + b) / 2),
    );
    this.stride *= 2;
  }

  #meanAt(i: number): Row<Axis | Value> {
    return mapColumns(this.#columns, (name) => this.means[name][i]!);
  }

  #row(json: Record<string, number | null> | null): Row<Axis | Value> | null {
    return json && mapColumns(this.#columns, (name) => json[name] ?? Number.NaN);
  }
}

function nothingPending(): Pending {
  return { count: 0, sums: [], low: [], high: [] };
}

/** The indexes in a range, and one beyond each end. */
function partOf(places: readonly number[], { from, to }: Range<string>): [number, number] {
  return [
    Math.max(0, firstAtLeast(places, from) - 1),
    Math.min(places.length, firstAtLeast(places, to) + 1),
  ];
}

/** Index of the first ascending position that is not below `value`; the length if all are below. */
export function firstAtLeast(places: ArrayLike<number>, value: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The lower one; if one is NaN, the other. */
function lower(a: number, b: number): number {
  return a <= b || Number.isNaN(b) ? a : b;
}

function higher(a: number, b: number): number {
  return a >= b || Number.isNaN(b) ? a : b;
}

function pairs(values: readonly number[], join: (a: number, b: number) => number): number[] {
  return Array.from({ length: Math.floor(values.length / 2) }, (_, i) =>
    join(values[2 * i]!, values[2 * i + 1]!),
  );
}

function mapColumns<K extends string, T>(names: readonly K[], make: (name: K) => T): Record<K, T> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<K, T>;
}

function withNaN(values: readonly (number | null)[]): number[] {
  return values.map((value) => value ?? Number.NaN);
}
