import { type ExplainOptions, explainPlan } from '../src/plans/explain-plan.ts';
import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunConfig, Summary } from '@fixres/runs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { runCli, suiteFolder } from './run-cli.ts';
import { tinyExperiment, writeExperiment, writeTinyPhotos } from './tiny-experiment.ts';

const [base, , tuned] = tinyExperiment.arms as [
  (typeof tinyExperiment.arms)[number],
  unknown,
  (typeof tinyExperiment.arms)[number],
];
let folder: string;
let run: string;

async function summaryOf(place: string): Promise<Summary> {
  return JSON.parse(await readFile(join(place, 'summary.json'), 'utf8')) as Summary;
}

describe('fixres explain', () => {
  beforeAll(async () => {
    folder = await suiteFolder();
    await writeTinyPhotos(folder);
    run = join(folder, 'run');
    const file = await writeExperiment(folder, 'experiment', {
      ...tinyExperiment,
      dataset: { source: 'photos', heldOut: 0.5 },
      engine: 'wasm',
      // No step changes a weight at a rate of 0, but the statistics follow the images.
      arms: [base, tuned, { ...tuned, name: 'still', learningRate: 0 }],
      seeds: [0, 1],
      activations: false,
    });
    const { code, stderr } = await runCli(['run', file, '--out', run, '--quiet']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('trains every combination from the weights of the run, and adds up to its result', async () => {
    const out = join(folder, 'explained');
    const { code, stdout, stderr } = await runCli(['explain', run, '--arm', 'stats', '--out', out]);
    expect(code).toBe(0);
    // Training again repeats the run, so there is no warning.
    expect(stderr).not.toMatch(/^warning:.*trained again/m);
    expect(stderr).toMatch(
      /^Parts: {2}test size, test crop, normalisation statistics, normalisation parameters, classifier \(stats over base\)$/m,
    );
    expect(stderr).toMatch(
      /^Cells: {2}9 arms x 4 test policies x 2 seeds; at most .* because stats took /m,
    );
    const [recorded, explained] = [await summaryOf(run), await summaryOf(out)];
    const own = (name: string): number => {
      const arm = recorded.arms.find((each) => each.name === name)!;
      return arm.evaluations[arm.ownEvaluation]!.accuracy;
    };
    const { factorial } = explained;
    expect(factorial).toMatchObject({
      of: { run: 'run', arm: 'stats', from: 'base' },
      base: own('base'),
      full: own('stats'),
    });
    const shares = factorial!.factors.map(({ share }) => share.difference);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(
      own('stats') - own('base'),
      9,
    );
    expect(factorial!.interactions).toHaveLength(10);
    expect(stdout).toMatch(/^base \d+\.\d % -> stats \d+\.\d %: [+-]?\d/m);
    expect(await readFile(join(out, 'report.html'), 'utf8')).toContain(
      'Where the gain of stats over base comes from',
    );
  });

  it('finds nothing in parts that did not change', async () => {
    const out = join(folder, 'explained-still');
    const args = ['explain', run, '--arm', 'still', '--out', out, '--json', '--quiet'];
    const { code, stdout, stderr } = await runCli(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { factorial } = JSON.parse(stdout) as Summary;
    const none = { difference: 0, ci95: [0, 0] };
    for (const name of ['normalisation parameters', 'classifier'])
      expect(factorial!.factors.find(({ factor }) => factor === name)).toMatchObject({
        alone: none,
        last: none,
      });
  });

  it('has the maximum memory of the run, unless another or none is given', async () => {
    const limited = join(folder, 'limited');
    await cp(run, limited, { recursive: true });
    const file = join(limited, 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as RunConfig;
    const memory = { limitMb: 2500, trainingMb: 2000, featuresMb: 200, photosMb: 300 };
    await writeFile(file, JSON.stringify({ ...config, memory }));
    const limitOf = async (of: string, options: ExplainOptions = {}): Promise<number | undefined> =>
      (await explainPlan(of, { arm: 'stats', ...options }, vi.fn())).plan.memoryMb;
    expect(await limitOf(run)).toBeUndefined();
    expect(await limitOf(limited)).toBe(2500);
    expect(await limitOf(limited, { memory: '3GB' })).toBe(3000);
    expect(await limitOf(limited, { memory: 'none' })).toBeUndefined();
    await expect(limitOf(run, { memory: '3' })).rejects.toThrow('memory is "3"; it must be');
  });

  it('refuses a run without the weights that it needs', async () => {
    const unfinished = join(folder, 'unfinished');
    await mkdir(unfinished);
    for (const name of ['config.json', 'events.jsonl'])
      await copyFile(join(run, name), join(unfinished, name));
    expect(await runCli(['explain', unfinished, '--arm', 'stats'])).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: Run "${unfinished}" has no trained weights of base with seed 0. If it is not finished, finish it first: fixres resume ${unfinished}.\n`,
    });
    expect(await runCli(['lr', run])).toMatchObject({
      code: 2,
      stderr: `error: "${run}" is a run; give its data set, or an experiment file with --arm.\n`,
    });
    // A run in the place of a data set.
    expect(await runCli(['plan', run])).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: "${run}" is a run; name the data set to measure it with after it.\n`,
    });
  });

  it('refuses arms that it cannot explain in one line, and writes nothing', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runCli(['explain', run, ...args]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      return stderr;
    };
    expect(await refused()).toBe(
      `error: Run "${run}" has no arm to explain; choose one with --arm. Its fine-tuned arms are stats, still.\n`,
    );
    expect(await refused('--arm', 'base')).toBe(
      `error: Run "${run}" cannot explain --arm base, which must be an arm that trains and is initialised from another. Its fine-tuned arms are stats, still.\n`,
    );
  });
});
