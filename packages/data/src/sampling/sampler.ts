import { FixresDataError } from '../errors.ts';
import { createRandom, type Random } from '../rng.ts';
import { shuffledIndices } from '../shuffle.ts';
import { rankPlaces } from './rank-places.ts';

/**
 * In which order a pass visits the examples, and which of them one of several training processes
 * (ranks) gets. Plain data.
 */
export type Sampler =
  | { kind: 'sequential' }
  | { kind: 'shuffled' }
  /**
   * Every `ranks`-th of the shuffled examples, starting at `rank`. The first examples are repeated
   * until all ranks have equally many.
   */
  | { kind: 'rank-strided'; rank: number; ranks: number }
  /**
   * Repeated augmentation (Hoffer et al. 2020; Berman et al. 2019), as the FixRes authors sample:
   * each shuffled example `repeats` times in a row, then every `ranks`-th, starting at `rank`, so
   * that copies go to different ranks. A pass is as long as without repeats (the number of
   * examples, rounded down to a multiple of `roundTo`; with `up`, rounded up to a multiple of
   * `ranks`), so it skips most examples. Defaults 3, 256.
   */
  | {
      kind: 'repeated-augmentation';
      rank: number;
      ranks: number;
      repeats?: number;
      roundTo?: number | 'up';
    }
  /**
   * All classes equally often (class-aware sampling, Shen et al. 2016, "Relay Backpropagation"): each
   * round visits every class once in random order, and takes the next of its shuffled examples, which
   * start again when all were visited. A pass is as long as the number of examples, so it repeats
   * examples of rare classes and skips some of frequent ones. The repeated examples are copies with
   * views of their own. Each rank gets every `ranks`-th example of the pass, starting at `rank`, as
   * in `rank-strided`. Defaults 0, 1.
   */
  | {
      kind: 'class-balanced';
      /** Class of each example. */
      labels: ArrayLike<number>;
      rank?: number;
      ranks?: number;
    };

/**
 * Position within a pass. Together with the sampler and the number of examples, this is all that is
 * needed to resume.
 */
export interface SamplerPosition {
  seed: number;
  epoch: number;
  /** Number of examples of the pass that are done. Default 0. */
  position?: number;
}

/** The remaining examples of a pass. */
export interface SampledOrder {
  indices: Uint32Array<ArrayBuffer>;
  /** Copy number of each example; each copy within an epoch gets its own view. */
  copies: Uint8Array<ArrayBuffer>;
}

/**
 * The rest of a pass. It depends only on the arguments: a run that resumes at a position sees the
 * same examples.
 *
 * @param size number of examples
 * @throws FixresDataError `bad-option` for a rank that does not exist, or a position outside the
 * pass
 */
export function sampledOrder(
  sampler: Sampler,
  size: number,
  { seed, epoch, position = 0 }: SamplerPosition,
): SampledOrder {
  const pass = wholePass(sampler, size, seed, epoch);
  const { length } = pass.indices;
  if (!(Number.isInteger(position) && position >= 0 && position <= length)) {
    throw new FixresDataError(
      'bad-option',
      `Option "position" is ${position}; it must be a whole number from 0 to ${length}.`,
    );
  }
  return { indices: pass.indices.slice(position), copies: pass.copies.slice(position) };
}

function wholePass(sampler: Sampler, size: number, seed: number, epoch: number): SampledOrder {
  if (sampler.kind === 'sequential') return single(Uint32Array.from({ length: size }, (_, i) => i));
  const shuffled = shuffledIndices(size, createRandom(seed, 'shuffle', epoch));
  if (sampler.kind === 'shuffled') return single(shuffled);

  const { rank = 0, ranks = 1 } = sampler;
  checkWhole('ranks', ranks, 1, Number.MAX_SAFE_INTEGER);
  checkWhole('rank', rank, 0, ranks - 1);
  if (sampler.kind === 'rank-strided') return partOf(single(shuffled), { rank, ranks });
  if (sampler.kind === 'class-balanced') {
    checkLabels(sampler.labels, size);
    const random = createRandom(seed, 'classes', epoch);
    return partOf(classBalanced(shuffled, sampler.labels, random), { rank, ranks });
  }

  const { repeats = 3, roundTo = 256 } = sampler;
  checkWhole('repeats', repeats, 1, 255);
  const length = passLength(size, ranks, roundTo);
  return {
    indices: strided(shuffled, repeats, rank, ranks, length),
    copies: Uint8Array.from({ length }, (_, i) => (rank + i * ranks) % repeats),
  };
}

/** What a rank gets of a pass. */
function partOf(
  { indices, copies }: SampledOrder,
  place: { rank: number; ranks: number },
): SampledOrder {
  const places = rankPlaces(indices.length, place);
  return {
    indices: places.map((at) => indices[at]!),
    copies: Uint8Array.from(places, (at) => copies[at]!),
  };
}

/** Number of examples of each rank in a pass of repeated augmentation. */
function passLength(size: number, ranks: number, roundTo: number | 'up'): number {
  if (roundTo === 'up') return Math.ceil(size / ranks);
  checkWhole('roundTo', roundTo, 1, Number.MAX_SAFE_INTEGER);
  // Fewer examples than `roundTo` would round down to none.
  const kept = size < roundTo ? size : Math.floor(size / roundTo) * roundTo;
  return Math.floor(kept / ranks);
}

/**
 * `length` of the indices, each repeated, starting at `rank` in steps of `ranks`; wraps around at
 * the end.
 */
function strided(
  indices: Uint32Array,
  repeats: number,
  rank: number,
  ranks: number,
  length: number,
): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(
    { length },
    (_, i) => indices[Math.floor((rank + i * ranks) / repeats) % indices.length]!,
  );
}

function classBalanced(
  shuffled: Uint32Array,
  labels: ArrayLike<number>,
  random: Random,
): SampledOrder {
  const groups = new Map<number, number[]>();
  for (const index of shuffled) {
    const group = groups.get(labels[index]!);
    if (group === undefined) groups.set(labels[index]!, [index]);
    else group.push(index);
  }
  // By label, so that the order of the classes does not depend on that of the examples.
  const classes = [...groups.keys()].sort((a, b) => a - b).map((label) => groups.get(label)!);
  const order: SampledOrder = {
    indices: new Uint32Array(shuffled.length),
    copies: new Uint8Array(shuffled.length),
  };
  for (let at = 0, round = 0; at < shuffled.length; round++) {
    for (const which of shuffledIndices(classes.length, random)) {
      if (at === shuffled.length) break;
      const group = classes[which]!;
      order.indices[at] = group[round % group.length]!;
      // A copy number is a byte; views repeat after 256 copies.
      order.copies[at] = Math.floor(round / group.length) % 256;
      at += 1;
    }
  }
  return order;
}

function checkLabels({ length }: ArrayLike<number>, size: number): void {
  if (length === size) return;
  throw new FixresDataError(
    'bad-option',
    `Option "labels" has ${length} labels; it must have one for each of the ${size} examples.`,
  );
}

function single(indices: Uint32Array): SampledOrder {
  return { indices: new Uint32Array(indices), copies: new Uint8Array(indices.length) };
}

function checkWhole(option: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new FixresDataError(
      'bad-option',
      `Option "${option}" is ${value}; it must be a whole number from ${low} to ${high}.`,
    );
  }
}
