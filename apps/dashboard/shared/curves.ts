import { type Fields, fieldsOf, isFields, listOf } from '@fixres/runs/events';
import { type Range, type Row, Series, type SeriesJson } from './series.ts';

/** Values drawn against steps. Missing values are NaN. */
const metrics = ['loss', 'accuracy', 'imagesPerSecond', 'rssMb', 'learningRate'] as const;
type Metric = (typeof metrics)[number];

/**
 * Positions of a point: steps of the arm, epochs of the arm (with fractions), seconds since the
 * start of the arm.
 */
export const axes = ['step', 'epoch', 'seconds'] as const;
export type Axis = (typeof axes)[number];

/** Values written after an epoch. */
const tests = ['heldOutAccuracy'] as const;
type Test = (typeof tests)[number];

/** Maximum points of a lane before neighbours are averaged: memory is bounded. */
const MAX_POINTS = 131_072;

/** The curves of one arm under one seed. */
export interface Lane {
  arm: string;
  seed: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Rate of an arm whose events have none. */
  learningRate: number;
  /** Training steps of an epoch, if known. */
  stepsPerEpoch: number;
  /** Training steps of an arm that ends within an epoch. */
  steps?: number;
  points: Series<Axis, Metric>;
  epochs: Series<Axis, Test>;
}

/** A lane in serialised form. */
type LaneJson = Omit<Lane, 'points' | 'epochs'> & { points: SeriesJson; epochs: SeriesJson };

/** Curves in serialised form: plain data, NaN as null. */
export interface CurvesJson {
  lanes: LaneJson[];
  learningRates: Record<string, number>;
  /** By arm, the arm it is initialised from. */
  origins: Record<string, string>;
}

/**
 * The training curves of one run, built event by event. Server and page use the same code, so the
 * page continues where the server's response ends. Accepts any log; unknown content is ignored.
 */
export class Curves {
  readonly lanes: Lane[] = [];
  /** Learning rate of each arm in the configuration. */
  readonly #learningRates: Record<string, number>;
  readonly #origins: Record<string, string>;
  readonly #maxPoints: number;

  constructor(
    json: CurvesJson = { lanes: [], learningRates: {}, origins: {} },
    { maxPoints = MAX_POINTS }: { maxPoints?: number } = {},
  ) {
    this.#maxPoints = maxPoints;
    this.#learningRates = { ...json.learningRates };
    this.#origins = { ...json.origins };
    for (const lane of json.lanes) {
      this.lanes.push({
        ...lane,
        // NaN is serialised as null.
        learningRate: number(lane.learningRate),
        points: new Series(axes, metrics, maxPoints, lane.points),
        epochs: new Series(axes, tests, maxPoints, lane.epochs),
      });
    }
  }

  /** Adds an event of the log; events without curve values are ignored. */
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
   * Start of a lane on an axis if arms follow the arms they are initialised from: the end of that
   * arm's lane for the same seed; 0 for all other lanes.
   */
  startOf(lane: Lane, axis: Axis): number {
    let start = 0;
    const seen = new Set([lane.arm]);
    for (
      let arm = this.#origins[lane.arm];
      arm !== undefined && !seen.has(arm);
      arm = this.#origins[arm]
    ) {
      seen.add(arm);
      const base = this.lanes.find((each) => each.arm === arm && each.seed === lane.seed);
      start += base ? endOf(base, axis) : 0;
    }
    return start;
  }

  toJSON(): CurvesJson {
    return this.#json((lane) => ({
      ...lane,
      points: lane.points.toJSON(),
      epochs: lane.epochs.toJSON(),
    }));
  }

  /**
   * The curves with at most this number of points each.
   *
   * @param range only this range, with arms placed after those they are initialised from
   */
  reduced(maxPoints: number, range?: Range<Axis>): CurvesJson {
    return this.#json((lane) => {
      const start = range ? this.startOf(lane, range.axis) : 0;
      const own = range && { ...range, from: range.from - start, to: range.to - start };
      return {
        ...lane,
        points: lane.points.reduced(maxPoints, own).toJSON(),
        epochs: lane.epochs.reduced(maxPoints, own).toJSON(),
      };
    });
  }

  #json(json: (lane: Lane) => LaneJson): CurvesJson {
    return {
      lanes: this.lanes.map(json),
      learningRates: this.#learningRates,
      origins: this.#origins,
    };
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
    if (Number.isFinite(number(event.stepsPerEpoch)))
      lane.stepsPerEpoch = number(event.stepsPerEpoch);
    if (Number.isFinite(number(event.steps))) lane.steps = number(event.steps);
    // A resumed run repeats the lost steps, so its earlier points are dropped.
    const from = isFields(event.from) ? event.from : { epoch: 0, step: 0 };
    keepUpTo(lane, number(from.epoch), number(from.step));
    // The time between two sessions is not training time. Rounded to whole milliseconds, because
    // fractions are serialised with only six digits.
    const started = Math.round(Date.parse(String(event.time)) - endOf(lane, 'seconds') * 1000);
    if (Number.isFinite(started)) lane.startedAt = started;
  }

  #addProgress(event: Fields): void {
    const lane = this.#lane(event);
    // The last epoch of an arm can have fewer steps.
    lane.stepsPerEpoch = Math.max(lane.stepsPerEpoch, number(event.steps) || 0);
    const step = number(event.epoch) * lane.stepsPerEpoch + number(event.step);
    const epoch = number(event.epoch) + number(event.step) / lane.stepsPerEpoch;
    const rate = number(event.learningRate);
    const row: Row<Axis | Metric> = {
      step,
      epoch,
      seconds: secondsSince(lane, event),
      loss: number(event.loss),
      accuracy: number(event.accuracy),
      imagesPerSecond: number(event.imagesPerSecond),
      rssMb: number(event.rssMb),
      learningRate: Number.isNaN(rate) ? lane.learningRate : rate,
    };
    if (Number.isFinite(step)) lane.points.add(row);
  }

  #addEpoch(event: Fields): void {
    const lane = this.#lane(event);
    const step = Math.min((number(event.epoch) + 1) * lane.stepsPerEpoch, lane.steps ?? Infinity);
    if (!Number.isFinite(step)) return;
    lane.epochs.add({
      step,
      epoch: step / lane.stepsPerEpoch,
      seconds: secondsSince(lane, event),
      heldOutAccuracy: number(event.heldOutAccuracy),
    });
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
      points: new Series(axes, metrics, this.#maxPoints),
      epochs: new Series(axes, tests, this.#maxPoints),
    };
    this.lanes.push(lane);
    return lane;
  }
}

/** Drops everything after a step of an epoch, both counted from 0. */
function keepUpTo(lane: Lane, epoch: number, step: number): void {
  const last = epoch * lane.stepsPerEpoch + step;
  lane.points.cut(lane.points.means.step.filter((each) => each <= last).length);
  lane.epochs.cut(lane.epochs.means.epoch.filter((each) => each <= epoch).length);
}

/** The last position of a lane on an axis; 0 if it has none. */
function endOf({ points, epochs }: Lane, axis: Axis): number {
  return Math.max(endOfSeries(points, axis), endOfSeries(epochs, axis));
}

function secondsSince(lane: Lane, event: Fields): number {
  return (Date.parse(String(event.time)) - lane.startedAt) / 1000;
}

function endOfSeries(
  { last, means }: Pick<Series<Axis, never>, 'last' | 'means'>,
  axis: Axis,
): number {
  return [last?.[axis], means[axis].findLast(Number.isFinite)].find(Number.isFinite) ?? 0;
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
