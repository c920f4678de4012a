import { type ImageSize, sidesOf } from '@fixres/data';
import { type ArmWork, expectedWork, type WorkItem, type WorkKind } from './arm-work.ts';
import type { ArmSpec, Experiment } from '@fixres/runs';

/**
 * Cost of an image, in forward passes of the model. A backward pass costs about twice a forward
 * pass; with a frozen trunk, nearly nothing.
 */
const PASSES: Record<WorkKind, number> = {
  train: 3,
  finetune: 1.1,
  features: 1,
  head: 0.03,
  statistics: 1,
  evaluate: 1,
  corrupted: 1,
  heldBack: 1,
  activations: 1,
};

/** Work of a kind, in passes times pixels. */
type Amounts = Map<WorkKind, number>;

/**
 * Estimates the time left of an experiment: the work left of each kind, at the speed of this kind
 * so far; an unknown kind is assumed to be as fast as the rest.
 */
export class Eta {
  #workOf!: (spec: ArmSpec, isFirstSeed: boolean) => Amounts;
  /** Of arms that have not started. */
  #later!: Amounts;
  /** Of the current arm. */
  #now: Amounts = new Map();
  readonly #done: Amounts = new Map();
  readonly #seconds: Amounts = new Map();
  #last: number = performance.now();

  readonly #images: ArmWork['images'];

  constructor(experiment: Experiment, images: ArmWork['images']) {
    this.#images = images;
    this.plan(experiment);
  }

  /** Expects the work of all arms of an experiment. */
  plan(experiment: Experiment): void {
    const { arms, seeds } = experiment;
    this.#workOf = (spec, isFirstSeed) =>
      amounts(expectedWork(spec, { experiment, images: this.#images, isFirstSeed }));
    this.#later = new Map();
    for (const spec of arms)
      seeds.forEach((_, i) => addTo(this.#later, this.#workOf(spec, i === 0)));
  }

  /** Removes the expected work of an arm, because it starts or was finished earlier. */
  strike(spec: ArmSpec, isFirstSeed: boolean): void {
    addTo(this.#later, this.#workOf(spec, isFirstSeed), -1);
  }

  /** Replaces the work of the current arm. */
  expect(work: readonly WorkItem[]): void {
    this.#now = amounts(work);
  }

  /** Counts work as finished, with the time since the last call. */
  add({ kind, images, size }: WorkItem): void {
    const amount = costOf(kind, images, size);
    const now = performance.now();
    addTo(this.#now, new Map([[kind, amount]]), -1);
    addTo(this.#done, new Map([[kind, amount]]));
    addTo(this.#seconds, new Map([[kind, (now - this.#last) / 1000]]));
    this.#last = now;
  }

  /** Estimated seconds left. */
  seconds(): number {
    const done = sum(this.#done);
    if (done === 0) return 0;
    const overall = sum(this.#seconds) / done;
    const kinds = new Set([...this.#now.keys(), ...this.#later.keys()]);
    return Array.from(kinds).reduce((total, kind) => {
      // Arms can turn out to have less work than expected, but never less than none.
      const left = Math.max(this.#now.get(kind) ?? 0, 0) + Math.max(this.#later.get(kind) ?? 0, 0);
      const doneOfKind = this.#done.get(kind) ?? 0;
      return total + left * (doneOfKind > 0 ? this.#seconds.get(kind)! / doneOfKind : overall);
    }, 0);
  }
}

function costOf(kind: WorkKind, images: number, size: ImageSize): number {
  const { height, width } = sidesOf(size);
  return PASSES[kind] * images * height * width;
}

function amounts(work: readonly WorkItem[]): Amounts {
  const result: Amounts = new Map();
  for (const { kind, images, size } of work)
    result.set(kind, (result.get(kind) ?? 0) + costOf(kind, images, size));
  return result;
}

function addTo(target: Amounts, added: Amounts, times = 1): void {
  for (const [kind, amount] of added) target.set(kind, (target.get(kind) ?? 0) + times * amount);
}

function sum(values: Amounts): number {
  return Array.from(values.values()).reduce((total, value) => total + value, 0);
}
