import { createRandom } from '@fixres/data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Promotion } from '../experiment/names.ts';
import { mcnemarExact } from '../statistics/paired/mcnemar.ts';
import {
  type RungEntry,
  RungHalving,
  type RungHalvingOptions,
  type RungJob,
} from './rung-halving.ts';

interface Race {
  halving: RungHalving;
  /** In the order in which they started. */
  jobs: string[];
  entries: RungEntry[];
}

/**
 * Runs a whole selection.
 *
 * @param workers number of jobs at a time
 * @param pick which of the running jobs ends next
 */
function race(
  options: RungHalvingOptions,
  value: (job: RungJob) => number | null,
  { workers = 1, pick = () => 0 }: { workers?: number; pick?: (running: number) => number } = {},
): Race {
  const halving = new RungHalving(options);
  const running: RungJob[] = [];
  const entries: RungEntry[] = [];
  const add = (entry: RungEntry): void => {
    halving.add(entry);
    entries.push(entry);
  };
  for (;;) {
    for (let job = halving.next(); job && running.length < workers; job = halving.next()) {
      add({ ...job, type: 'start', worker: 'w' });
      running.push(job);
    }
    if (running.length === 0) break;
    const [ended] = running.splice(pick(running.length), 1) as [RungJob];
    add({ ...ended, type: 'end', worker: 'w', value: value(ended) });
  }
  const started = entries.filter(({ type }) => type === 'start');
  return { halving, entries, jobs: started.map(({ trial, rung }) => `${trial}${rung}`) };
}

const names = 'a b c d e f g h i'.split(' ');
const nine = { trials: names, rungs: 3, reduction: 3, survivors: 1 };
const table: Readonly<Record<string, readonly number[]>> = {
  a: [0.1],
  b: [0.5, 0.55],
  c: [0.3],
  d: [0.9, 0.95, 0.96],
  e: [0.2],
  f: [0.4],
  g: [0.8, 0.7],
  h: [0.7, 0.65],
  i: [0.6],
};
const fromTable = ({ trial, rung }: RungJob): number => table[trial]![rung]!;

describe('the decisions of one worker', () => {
  it('are those of algorithm 2 of Li et al. 2020, followed by hand', () => {
    const { jobs, halving } = race({ ...nine, promotion: 'asynchronous' }, fromTable);
    // b is the best of the first three, so it is promoted, which four others would deserve more. Of seven
    // arms two are promotable, d and g; the third of rung 1 makes d promotable there.
    expect(jobs.join(' ')).toBe('a0 b0 c0 b1 d0 d1 e0 f0 g0 g1 d2 h0 i0 h1');
    expect(halving.isDecided).toBe(true);
    expect(halving.survivors).toEqual(['d']);
  });

  it('wait for the whole rung if they are synchronous', () => {
    const { jobs, halving } = race({ ...nine, promotion: 'synchronous' }, fromTable);
    expect(jobs.join(' ')).toBe('a0 b0 c0 d0 e0 f0 g0 h0 i0 d1 g1 h1 d2');
    expect(halving.survivors).toEqual(['d']);
  });

  it('never promote an arm that diverged', () => {
    const diverged = ({ trial }: RungJob): number | null => (trial === 'd' ? 0.4 : null);
    for (const promotion of ['asynchronous', 'synchronous'] as const) {
      const { jobs, halving } = race({ ...nine, promotion }, diverged);
      // After d, no rung has three arms.
      expect(jobs.filter((job) => !job.endsWith('0'))).toEqual(['d1']);
      expect(halving.isDecided).toBe(true);
      expect(halving.survivors).toEqual(['d']);
    }
    const { halving } = race({ ...nine, promotion: 'asynchronous' }, () => null);
    expect(halving.survivors).toEqual([]);
  });
});

/** The paper's data structures: for each rung its results, and which of them were promoted. */
class PaperAsha {
  readonly rungs: { results: [name: string, value: number][]; promoted: Set<string> }[];
  readonly #fresh: string[];
  readonly #eta: number;

  constructor({ trials, rungs, reduction }: RungHalvingOptions) {
    this.rungs = Array.from({ length: rungs }, () => ({ results: [], promoted: new Set() }));
    this.#fresh = [...trials];
    this.#eta = reduction;
  }

  getJob(): string | undefined {
    for (let k = this.rungs.length - 2; k >= 0; k--) {
      const { results, promoted } = this.rungs[k]!;
      const candidates = results.toSorted(([, a], [, b]) => b - a);
      candidates.length = Math.floor(results.length / this.#eta);
      const [first] = candidates.filter(([name]) => !promoted.has(name));
      if (first === undefined) continue;
      promoted.add(first[0]);
      return `${first[0]}${k + 1}`;
    }
    const drawn = this.#fresh.shift();
    return drawn && `${drawn}0`;
  }
}

/** Distinct values of all arms in all rungs, with any number of workers that end in any order. */
const races = fc.record({
  order: fc.shuffledSubarray(
    Array.from({ length: 20 }, (_, i) => i),
    { minLength: 20, maxLength: 20 },
  ),
  noise: fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 }),
  arms: fc.integer({ min: 4, max: 20 }),
  rungs: fc.integer({ min: 2, max: 3 }),
  reduction: fc.integer({ min: 2, max: 4 }),
  workers: fc.integer({ min: 1, max: 7 }),
  picks: fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
});

it('promotes as the paper does, with any number of workers', () => {
  fc.assert(
    fc.property(races, ({ noise, arms, rungs, reduction, workers, picks }) => {
      const trials = Array.from({ length: arms }, (_, i) => String.fromCharCode(97 + i));
      const options = {
        trials,
        rungs,
        reduction,
        survivors: 1,
        promotion: 'asynchronous' as const,
      };
      const valueOf = ({ trial, rung }: RungJob): number => {
        const arm = trials.indexOf(trial);
        return noise[rung * 20 + arm]! + arm / 1000;
      };
      const { entries } = race(options, valueOf, {
        workers,
        pick: (running) => Math.floor(picks.next().value! * running),
      });
      const paper = new PaperAsha(options);
      for (const entry of entries) {
        if (entry.type === 'start') expect(paper.getJob()).toBe(`${entry.trial}${entry.rung}`);
        else paper.rungs[entry.rung]!.results.push([entry.trial, valueOf(entry)]);
      }
      expect(paper.getJob()).toBeUndefined();
    }),
    { numRuns: 25 },
  );
});

it('keeps the best arms if values do not vary, and one result gives one job at most', () => {
  fc.assert(
    fc.property(races, ({ order, arms, rungs, reduction, workers, picks }) => {
      fc.pre(Math.floor(arms / reduction ** (rungs - 1)) >= 1);
      const trials = Array.from({ length: arms }, (_, i) => `t${i}`);
      const valueOf = ({ trial }: RungJob): number => order[trials.indexOf(trial)]!;
      const best = trials.reduce((a, b) =>
        order[trials.indexOf(a)]! > order[trials.indexOf(b)]! ? a : b,
      );
      const run = (promotion: Promotion, atOnce: number): Race =>
        race({ trials, rungs, reduction, survivors: 1, promotion }, valueOf, {
          workers: atOnce,
          pick: (running) => Math.floor(picks.next().value! * running),
        });
      const asynchronous = run('asynchronous', workers);
      const [alone, together] = [run('synchronous', 1), run('synchronous', workers)];
      for (const { halving } of [asynchronous, alone, together]) {
        expect(halving.isDecided).toBe(true);
        expect(halving.survivors).toEqual([best]);
      }
      // The order of results does not matter.
      expect(together.jobs.toSorted()).toEqual(alone.jobs.toSorted());
      // Waiting promotes none that another would deserve more.
      expect(asynchronous.jobs).toEqual(expect.arrayContaining(alone.jobs));

      // A worker without a job ends: whoever brings a result takes what follows from it.
      const replayed = new RungHalving({
        ...{ trials, rungs, reduction, survivors: 1 },
        promotion: 'asynchronous',
      });
      let isDrained = false;
      for (const entry of asynchronous.entries) {
        if (entry.type === 'start') isDrained = false;
        replayed.add(entry);
        if (entry.type === 'end' && isDrained) {
          const job = replayed.next();
          if (job === undefined) continue;
          const before = new RungHalving({
            ...{ trials, rungs, reduction, survivors: 1 },
            promotion: 'asynchronous',
          });
          const until = asynchronous.entries.slice(0, asynchronous.entries.indexOf(entry) + 1);
          for (const earlier of [...until, { ...job, type: 'start' as const, worker: 'w' }])
            before.add(earlier);
          expect(before.next()).toBeUndefined();
        }
        isDrained = replayed.next() === undefined;
      }
    }),
    { numRuns: 25 },
  );
});

describe('the record', () => {
  const options = { ...nine, promotion: 'asynchronous' as const };

  it('gives the same decisions after an end at any place', () => {
    const { entries } = race(options, fromTable, { workers: 3, pick: (running) => running - 1 });
    for (let length = 0; length <= entries.length; length++) {
      const halving = new RungHalving(options);
      for (const entry of entries.slice(0, length)) halving.add(entry);
      const next = entries[length];
      if (next?.type === 'start')
        expect(halving.next()).toEqual({ trial: next.trial, rung: next.rung });
    }
  });

  it('lets another worker take over a job that has no result, and not one that has', () => {
    const halving = new RungHalving(options);
    const job = { trial: 'a', rung: 0 };
    halving.add({ ...job, type: 'start', worker: 'v' });
    halving.add({ ...job, type: 'start', worker: 'w' });
    const late: RungEntry = { ...job, type: 'end', worker: 'v', value: 1 };
    expect(() => {
      halving.add(late);
    }).toThrow(
      'The record of halving is damaged: "end" of trial "a" in rung 1 does not follow from what is recorded before.',
    );
    halving.add({ ...job, type: 'failed', worker: 'w', problem: 'no space' });
    expect(halving.trials[0]).toMatchObject({ state: 'failed', problem: 'no space' });
    expect(halving.next()).toEqual({ trial: 'b', rung: 0 });
    expect(halving.isDecided).toBe(false);
    halving.add({ ...job, type: 'start', worker: 'x' });
    halving.add({ ...job, type: 'end', worker: 'x', value: 1 });
    for (const wrong of [
      { ...job, type: 'start' as const, worker: 'y' },
      { trial: 'c', rung: 0, type: 'start' as const, worker: 'y' },
      { trial: 'a', rung: 1, type: 'start' as const, worker: 'y' },
      { trial: 'z', rung: 0, type: 'start' as const, worker: 'y' },
    ])
      expect(() => {
        halving.add(wrong);
      }).toThrow('does not follow');
  });
});

describe('with noise', () => {
  const four = {
    trials: names.slice(0, 4),
    reduction: 2,
    survivors: 1,
    promotion: 'synchronous' as const,
  };

  it('keeps the best arm as often as its chance is', () => {
    // Arm c is better by 1. In rung 0 the noise is normal with sd 1, in rung 1 with sd 1/2. The chance to be
    // among two of four, and then the better of two, by scipy 1.17:
    // quad(lambda x: norm.pdf(x - 1) * (norm.cdf(x)**3 + 3 * norm.cdf(x)**2 * norm.sf(x)), -12, 12)
    //   * norm.cdf(1 / sqrt(0.5))
    const chance = 0.7343561240215682;
    const random = createRandom(7, 'rungs');
    const repeats = 800;
    let kept = 0;
    for (let i = 0; i < repeats; i++) {
      const { halving } = race(
        { ...four, rungs: 3 },
        ({ trial, rung }) => (trial === 'c' ? 1 : 0) + random.normal() / (rung + 1),
      );
      if (halving.survivors[0] === 'c') kept += 1;
    }
    const error = Math.sqrt((chance * (1 - chance)) / repeats);
    expect(Math.abs(kept / repeats - chance)).toBeLessThan(4 * error);
  });

  it('flatters the survivor where it was chosen, and neither its value nor its test elsewhere', () => {
    // Nine arms with the same accuracy; their mistakes are independent. The first is the baseline.
    const random = createRandom(8, 'photos');
    const [repeats, photos, accuracy] = [200, 200, 0.7];
    const evaluated = (): Uint8Array =>
      Uint8Array.from({ length: photos }, () => (random.next() < accuracy ? 1 : 0));
    const countOf = (correct: Uint8Array): number => correct.reduce((sum, one) => sum + one, 0);
    const isSignificant = (a: Uint8Array, b: Uint8Array): boolean => {
      const aOnly = a.filter((one, i) => one > b[i]!).length;
      const bOnly = b.filter((one, i) => one > a[i]!).length;
      return mcnemarExact(aOnly, bOnly) < 0.05;
    };
    const found = { chosen: 0, fresh: 0 };
    const sums = { chosen: 0, fresh: 0 };
    for (let i = 0; i < repeats; i++) {
      const heldBack = new Map(names.map((name) => [name, evaluated()]));
      const { halving } = race(
        { ...nine, rungs: 2, reduction: 9, promotion: 'synchronous' },
        ({ trial }) => countOf(heldBack.get(trial)!),
      );
      const chosen = heldBack.get(halving.survivors[0]!)!;
      const fresh = evaluated();
      sums.chosen += countOf(chosen) / photos;
      sums.fresh += countOf(fresh) / photos;
      if (isSignificant(chosen, heldBack.get('a')!)) found.chosen += 1;
      if (isSignificant(fresh, evaluated())) found.fresh += 1;
    }
    const sd = Math.sqrt((accuracy * (1 - accuracy)) / photos);
    // The maximum of nine normal numbers has the mean 1.4850 (Harter 1961, table 1); counts are discrete.
    expect(Math.abs((sums.chosen / repeats - accuracy) / sd - 1.485)).toBeLessThan(0.15);
    expect(Math.abs((sums.fresh / repeats - accuracy) / sd)).toBeLessThan(4 / Math.sqrt(repeats));
    // The exact test keeps its level: at most 5 %, and four standard errors.
    expect(found.fresh / repeats).toBeLessThan(0.05 + 4 * Math.sqrt((0.05 * 0.95) / repeats));
    expect(found.chosen / repeats).toBeGreaterThan(0.05);
  });
});
