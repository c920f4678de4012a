import { type Fields, fieldsOf, isFields, listOf } from './fields.ts';

/** What is drawn against steps. Missing values are NaN. */
const metrics = ['loss', 'accuracy', 'imagesPerSecond', 'rssMb', 'learningRate'] as const;
type Metric = (typeof metrics)[number];

/** Places of a point: steps of the arm, epochs of the arm (with fractions), seconds since the arm began. */
export const axes = ['step', 'epoch', 'seconds'] as const;
export type Axis = (typeof axes)[number];

type PointColumn = Axis | Metric;
const pointColumns: readonly PointColumn[] = [...axes, ...metrics];

/** Columns of what is written after an epoch. */
const epochColumns = ['step', 'epoch', 'seconds', 'loss', 'accuracy', 'heldOutAccuracy', 'imagesPerSecond'] as const;
type EpochColumn = (typeof epochColumns)[number];

/** Points of a lane before neighbours are averaged in pairs: beyond it a screen shows no more, and memory is bounded. */
const MAX_POINTS = 131_072;

/** The curves of one arm under one seed. */
export interface Lane {
  arm: string;
  seed: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Rate of an arm whose events name none. */
  learningRate: number;
  /** Training steps of an epoch, as far as known. */
  stepsPerEpoch: number;
  /** Training steps of an arm that ends within an epoch. */
  steps?: number;
  /** Events that one point averages: a power of two. */
  stride: number;
  /** Sums of the events that do not make a whole point yet, and their number. */
  pending: { count: number; sums: number[] };
  points: Record<PointColumn, number[]>;
  epochs: Record<EpochColumn, number[]>;
}

/** Curves as they travel: plain data, NaN as null. */
export interface CurvesJson {
  lanes: Lane[];
  learningRates: Record<string, number>;
  /** By arm, the arm whose weights it starts from. */
  origins: Record<string, string>;
}

/**
 * The training curves of one run, grown event by event. Server and page use the same code, so the page goes on from where the
 * server's answer ends. Takes whatever a log holds: what is not understood is left out.
 */
export class Curves {
  readonly lanes: Lane[] = [];
  /** Learning rate of each arm by the configuration. */
  readonly #learningRates: Record<string, number>;
  readonly #origins: Record<string, string>;
  readonly #maxPoints: number;

  constructor(json: CurvesJson = { lanes: [], learningRates: {}, origins: {} }, { maxPoints = MAX_POINTS }: { maxPoints?: number } = {}) {
    this.#maxPoints = maxPoints;
    this.#learningRates = { ...json.learningRates };
    this.#origins = { ...json.origins };
    for (const lane of json.lanes) {
      this.lanes.push({
        ...lane,
        pending: { count: lane.pending.count, sums: withNaN(lane.pending.sums) },
        learningRate: withNaN([lane.learningRate])[0]!,
        points: mapColumns(pointColumns, (name) => withNaN(lane.points[name])),
        epochs: mapColumns(epochColumns, (name) => withNaN(lane.epochs[name])),
      });
    }
  }

  /** Adds an event of the log; those that draw nothing are left out. */
  add(event: unknown): void {
    if (!isFields(event)) return;
    switch (event.type) {
      case 'run-start':
        this.#readArms(event.config);
        return;
      case 'arm-start':
        this.#start(event);
        return;
      case 'progress':
        if (event.phase === 'train') this.#addProgress(event);
        return;
      case 'epoch':
        this.#addEpoch(event);
    }
  }

  /**
   * Where a lane begins on an axis when arms that start from another one follow it: behind the end of that one's lane of the same seed; 0 for
   * all others.
   */
  startOf(lane: Lane, axis: Axis): number {
    let start = 0;
    const seen = new Set([lane.arm]);
    for (let arm = this.#origins[lane.arm]; arm !== undefined && !seen.has(arm); arm = this.#origins[arm]) {
      seen.add(arm);
      const base = this.lanes.find((each) => each.arm === arm && each.seed === lane.seed);
      start += base ? endOf(base, axis) : 0;
    }
    return start;
  }

  toJSON(): CurvesJson {
    return { lanes: this.lanes, learningRates: this.#learningRates, origins: this.#origins };
  }

  #readArms(config: unknown): void {
    for (const arm of listOf(fieldsOf(fieldsOf(config).experiment).arms)) {
      if (typeof arm.name !== 'string') continue;
      this.#learningRates[arm.name] = number(fieldsOf(arm.schedule).rate);
      if (typeof arm.initFrom === 'string') this.#origins[arm.name] = arm.initFrom;
    }
  }

  #start(event: Fields): void {
    const lane = this.#lane(event);
    if (Number.isFinite(number(event.stepsPerEpoch))) lane.stepsPerEpoch = number(event.stepsPerEpoch);
    if (Number.isFinite(number(event.steps))) lane.steps = number(event.steps);
    // A run that was taken up again does again what it lost; what was drawn of that is void.
    const from = isFields(event.from) ? event.from : { epoch: 0, step: 0 };
    keepUpTo(lane, number(from.epoch), number(from.step));
    // The time between two sessions is none of training. Whole, since fractions travel with six digits only.
    const started = Math.round(Date.parse(String(event.time)) - endOf(lane, 'seconds') * 1000);
    if (Number.isFinite(started)) lane.startedAt = started;
  }

  #addProgress(event: Fields): void {
    const lane = this.#lane(event);
    // The last epoch of an arm may have fewer.
    lane.stepsPerEpoch = Math.max(lane.stepsPerEpoch, number(event.steps) || 0);
    const step = number(event.epoch) * lane.stepsPerEpoch + number(event.step);
    const epoch = number(event.epoch) + number(event.step) / lane.stepsPerEpoch;
    const rate = number(event.learningRate);
    const values: Record<PointColumn, number> = {
      step,
      epoch,
      seconds: secondsSince(lane, event),
      loss: number(event.loss),
      accuracy: number(event.accuracy),
      imagesPerSecond: number(event.imagesPerSecond),
      rssMb: number(event.rssMb),
      learningRate: Number.isNaN(rate) ? lane.learningRate : rate,
    };
    if (!Number.isFinite(step)) return;
    this.#addPoint(lane, pointColumns.map((name) => values[name]));
  }

  #addPoint(lane: Lane, values: readonly number[]): void {
    const { pending } = lane;
    values.forEach((value, i) => (pending.sums[i] = (pending.sums[i] ?? 0) + value));
    if (++pending.count < lane.stride) return;
    pointColumns.forEach((name, i) => lane.points[name].push(pending.sums[i]! / pending.count));
    lane.pending = { count: 0, sums: [] };
    if (lane.points.step.length < this.#maxPoints) return;
    for (const name of pointColumns) lane.points[name] = pairMeans(lane.points[name]);
    lane.stride *= 2;
  }

  #addEpoch(event: Fields): void {
    const lane = this.#lane(event);
    const step = Math.min((number(event.epoch) + 1) * lane.stepsPerEpoch, lane.steps ?? Infinity);
    const values: Record<EpochColumn, number> = {
      step,
      epoch: step / lane.stepsPerEpoch,
      seconds: secondsSince(lane, event),
      loss: number(event.loss),
      accuracy: number(event.accuracy),
      heldOutAccuracy: number(event.heldOutAccuracy),
      imagesPerSecond: number(event.imagesPerSecond),
    };
    if (!Number.isFinite(step)) return;
    for (const name of epochColumns) lane.epochs[name].push(values[name]);
  }

  #lane(event: Fields): Lane {
    const arm = typeof event.arm === 'string' ? event.arm : '';
    const seed = Number.isFinite(number(event.seed)) ? number(event.seed) : 0;
    const known = this.lanes.find((lane) => lane.arm === arm && lane.seed === seed);
    if (known) return known;
    const lane: Lane = {
      arm,
      seed,
      startedAt: Date.parse(String(event.time)) || 0,
      learningRate: this.#learningRates[arm] ?? Number.NaN,
      stepsPerEpoch: 1,
      stride: 1,
      pending: { count: 0, sums: [] },
      points: mapColumns(pointColumns, () => []),
      epochs: mapColumns(epochColumns, () => []),
    };
    this.lanes.push(lane);
    return lane;
  }
}

/** Drops what lies behind a step of an epoch, both counted from 0. */
function keepUpTo(lane: Lane, epoch: number, step: number): void {
  const last = epoch * lane.stepsPerEpoch + step;
  const points = lane.points.step.filter((each) => each <= last).length;
  const epochs = lane.epochs.epoch.filter((each) => each <= epoch).length;
  for (const name of pointColumns) lane.points[name].length = points;
  for (const name of epochColumns) lane.epochs[name].length = epochs;
  lane.pending = { count: 0, sums: [] };
}

/** The last place of a lane on an axis; 0 where it has none. */
function endOf({ points, epochs }: Lane, axis: Axis): number {
  return Math.max(points[axis].findLast(Number.isFinite) ?? 0, epochs[axis].findLast(Number.isFinite) ?? 0);
}

function secondsSince(lane: Lane, event: Fields): number {
  return (Date.parse(String(event.time)) - lane.startedAt) / 1000;
}

function pairMeans(values: readonly number[]): number[] {
  return Array.from({ length: Math.floor(values.length / 2) }, (_, i) => (values[2 * i]! + values[2 * i + 1]!) / 2);
}

function mapColumns<K extends string>(names: readonly K[], make: (name: K) => number[]): Record<K, number[]> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<K, number[]>;
}

function withNaN(values: readonly (number | null)[]): number[] {
  return values.map((value) => value ?? Number.NaN);
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
