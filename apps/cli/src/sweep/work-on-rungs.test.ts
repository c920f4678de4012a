import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownLock } from '@fixres/runs/read';
import { temporaryFolder } from '@fixres/testing';
import { describe, expect, it } from 'vitest';
import { Terminal } from '../terminal/terminal.ts';
import { RungJournal } from './rung-journal.ts';
import type { EpochHalving } from './sweep-plan.ts';
import { workOnRungs } from './work-on-rungs.ts';

const names = 'a b c d e f g h i'.split(' ');
/** Distinct in every rung: d, g and h are the best. */
const accuracies: Readonly<Record<string, readonly number[]>> = {
  ...{ a: [0.1], b: [0.5, 0.55], c: [0.3], d: [0.9, 0.95, 0.96], e: [0.2] },
  ...{ f: [0.4], g: [0.8, 0.7, 0.75], h: [0.7, 0.65], i: [0.6, 0.5] },
};
const trials = names.map((name) => `${name}@5`);
const rungs = [1, 3, 9];

function halvingOf(promotion: EpochHalving['promotion']): EpochHalving {
  return {
    ...{ over: 'epochs', reduction: 3, survivors: 1, baseline: 'a', finalSeeds: [0], seed: 5 },
    ...{ rungs, promotion },
  };
}

/** Writes the run of a trial as `fixres sweep trial` leaves it. */
async function writeRun(folder: string, trial: string, events: object[]): Promise<void> {
  const run = join(folder, 'trials', trial, 'attempt-1');
  await mkdir(run, { recursive: true });
  await writeFile(join(run, 'config.json'), JSON.stringify({ experiment: {} }));
  const lines = events.map((event, n) =>
    JSON.stringify({ n, time: '2026-01-01T00:00:00Z', ...event }),
  );
  await writeFile(join(run, 'events.jsonl'), `${lines.join('\n')}\n`);
}

type Train = (trial: string, epochs: number) => Promise<string | undefined>;

/** Training whose accuracy is known before. */
function trainIn(folder: string): Train {
  return async (trial, epochs) => {
    const heldOutAccuracy = accuracies[trial[0]!]![rungs.indexOf(epochs)]!;
    await writeRun(folder, trial, [
      { type: 'epoch', arm: trial[0], seed: 5, epoch: epochs - 1, heldOutAccuracy },
      { type: 'checkpoint', arm: trial[0], seed: 5, epoch: epochs, step: 0, seconds: 0 },
      { type: 'run-interrupted' },
    ]);
    return undefined;
  };
}

interface Work {
  worker: string;
  promotion?: EpochHalving['promotion'];
  train?: Train;
  signal?: AbortSignal;
}

async function work(
  folder: string,
  { worker, promotion = 'synchronous', train = trainIn(folder), signal }: Work,
): Promise<void> {
  await workOnRungs({
    ...{ folder, trials, worker, train, lookEvery: 5 },
    halving: halvingOf(promotion),
    terminal: new Terminal({ quiet: true }),
    signal: signal ?? new AbortController().signal,
  });
}

/** The jobs in the order in which they started, and the arms that are left. */
async function recordOf(
  folder: string,
  promotion: EpochHalving['promotion'] = 'synchronous',
): Promise<{ jobs: string[]; left: string[]; isDecided: boolean }> {
  const files = (await readdir(join(folder, 'rungs'))).sort();
  const entries = await Promise.all(
    files.map(
      async (file) =>
        JSON.parse(await readFile(join(folder, 'rungs', file), 'utf8')) as {
          type: string;
          trial: string;
          rung: number;
        },
    ),
  );
  const { halving } = await RungJournal.open(folder, trials, halvingOf(promotion));
  return {
    jobs: entries.flatMap(({ type, trial, rung }) =>
      type === 'start' ? [`${trial[0]}${rung}`] : [],
    ),
    left: halving.survivors,
    isDecided: halving.isDecided,
  };
}

const alone = 'a0 b0 c0 d0 e0 f0 g0 h0 i0 d1 g1 h1 d2'.split(' ');

describe('workers', () => {
  it('share the jobs without a leader, each once, and the record explains every decision', async () => {
    for (const promotion of ['asynchronous', 'synchronous'] as const) {
      const folder = await temporaryFolder();
      const workers = ['s.0', 's.1', 's.2', 's.3'];
      await Promise.all(workers.map((worker) => work(folder, { worker, promotion })));
      const { jobs, left, isDecided } = await recordOf(folder, promotion);
      expect(new Set(jobs).size).toBe(jobs.length);
      expect(jobs).toEqual(expect.arrayContaining(alone));
      if (promotion === 'synchronous') expect(jobs.toSorted()).toEqual(alone.toSorted());
      expect({ left, isDecided }).toEqual({ left: ['d@5'], isDecided: true });
    }
  });

  it('resume their own job after an interruption, and then decide as without one', async () => {
    const folder = await temporaryFolder();
    for (let interruption = 0; interruption < 4; interruption++) {
      const end = new AbortController();
      let left = 3;
      const train: Train = async (trial, epochs) => {
        if (left-- > 0) return trainIn(folder)(trial, epochs);
        end.abort(new Error('preempted'));
        return undefined;
      };
      const interrupted = work(folder, { worker: 's.0', train, signal: end.signal });
      await expect(interrupted).rejects.toThrow('preempted');
    }
    await work(folder, { worker: 's.0' });
    expect(await recordOf(folder)).toEqual({ jobs: alone, left: ['d@5'], isDecided: true });
  });

  it('take over what workers of an earlier submission left, but for what still runs', async () => {
    const folder = await temporaryFolder();
    for (const worker of ['s.0', 's.1']) {
      // Their processes are killed in their first jobs.
      const train: Train = () => Promise.reject(new Error('killed'));
      await expect(work(folder, { worker, train })).rejects.toThrow('killed');
    }
    const run = join(folder, 'trials', 'b@5', 'attempt-1');
    await mkdir(run, { recursive: true });
    await writeFile(join(run, 'lock'), JSON.stringify(ownLock()));
    // The rung lacks b, so there is nothing to wait for.
    await work(folder, { worker: 't.0' });
    const { jobs, isDecided } = await recordOf(folder);
    expect(jobs.join(' ')).toBe('a0 b0 a0 c0 d0 e0 f0 g0 h0 i0');
    expect(isDecided).toBe(false);
    await trainIn(folder)('b@5', 1);
    await writeFile(join(run, 'lock'), JSON.stringify({ ...ownLock(), started: 'another boot/1' }));
    await work(folder, { worker: 'u.0' });
    expect((await recordOf(folder)).jobs.slice(-5)).toEqual(['b0', 'd1', 'g1', 'h1', 'd2']);
    expect(await recordOf(folder)).toMatchObject({ left: ['d@5'], isDecided: true });
  });

  it('leave a trial that fails to the next submission, and one that diverged to none', async () => {
    const folder = await temporaryFolder();
    const train: Train = async (trial, epochs) => {
      if (trial === 'c@5') return 'no space is left';
      if (trial !== 'd@5') return trainIn(folder)(trial, epochs);
      await writeRun(folder, trial, [
        { type: 'run-failed', message: 'The loss became NaN.', code: 'non-finite-loss' },
      ]);
      return 'The loss became NaN.';
    };
    await work(folder, { worker: 's.0', train });
    const { halving } = await RungJournal.open(folder, trials, halvingOf('synchronous'));
    expect(halving.trials.slice(2, 4)).toMatchObject([
      { name: 'c@5', state: 'failed', problem: 'no space is left' },
      { name: 'd@5', state: 'ended', values: [null] },
    ]);
    expect(halving.isDecided).toBe(false);
    await work(folder, { worker: 't.0' });
    const { jobs, left, isDecided } = await recordOf(folder);
    expect(jobs.join(' ')).toBe('a0 b0 c0 d0 e0 f0 g0 h0 i0 c0 g1 h1 i1 g2');
    expect({ left, isDecided }).toEqual({ left: ['g@5'], isDecided: true });
  });
});

it('refuses a record that does not follow from itself', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'rungs'));
  const file = join(folder, 'rungs', '000000.json');
  for (const [content, why] of [
    ['{', 'it is not an entry'],
    ['{"type":"end","trial":"a@5","rung":0,"worker":"s.0","value":"x"}', 'it is not an entry'],
    [
      '{"type":"start","trial":"b@5","rung":0,"worker":"s.0"}',
      'The record of halving is damaged: "start" of trial "b@5" in rung 1 does not follow',
    ],
  ] as const) {
    await writeFile(file, content);
    await expect(work(folder, { worker: 's.0' })).rejects.toThrow(
      `error: ${file} is damaged: ${why}`,
    );
  }
});
