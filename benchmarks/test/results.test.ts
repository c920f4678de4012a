import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandResult, runWarm } from '@fixres/testing';
import { reproduce } from 'fixres';
import { afterAll, beforeAll, expect, it } from 'vitest';

const program = new URL('../run-benchmark.mjs', import.meta.url).href;
const photos = fileURLToPath(new URL('../../testing/photos', import.meta.url));

// A path of type string, because the module has no types.
const tables = (await import(new URL('../results/table.mjs', import.meta.url).href)) as Record<
  'accuracies' | 'comparisons' | 'beside',
  (result: object) => string
>;

/** No-break spaces as `~`. */
const visible = (text: string): string => text.replaceAll('\u00A0', '~');

interface Compared {
  a: string;
  b: string;
}

let folder: string;
let run: Awaited<ReturnType<typeof reproduce>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-results-'));
  run = await reproduce({
    dataset: photos,
    small: 32,
    large: 48,
    model: 'resnet14v2',
    width: 4,
    epochs: 1,
    finetuneEpochs: 1,
    arms: 'small,fixres',
    seedCount: 2,
    heldOut: 0.4,
    engine: 'wasm',
    out: join(folder, 'run'),
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function results(...words: string[]): Promise<CommandResult> {
  return (await runWarm({
    program,
    words: ['results', ...words],
    cwd: process.cwd(),
    env: process.env,
  }))!;
}

it('prints accuracies, compute and comparisons of a run, as its summary has them', async () => {
  const { arms } = run.summary;
  const [small, fixres] = arms as [(typeof arms)[0], (typeof arms)[0]];
  const { stdout, stderr, code } = await results(run.folder, '--json');
  expect(code, stderr).toBe(0);
  const result = JSON.parse(stdout) as {
    arms: { name: string; trainMultiplyAdds: number; evaluations: { values: number[] }[] }[];
    comparisons: Compared[];
  };
  expect(result.arms.map(({ name }) => name)).toEqual(['small', 'fixres']);
  expect(result.arms.map(({ trainMultiplyAdds }) => trainMultiplyAdds)).toEqual([
    small.trainMultiplyAdds,
    small.trainMultiplyAdds! + fixres.trainMultiplyAdds!,
  ]);
  expect(result.arms[0]!.evaluations[0]!.values).toEqual(
    small.evaluations[0]!.overSeeds!.values.map((value) => expect.closeTo(value, 6) as number),
  );
  expect(result.comparisons).toHaveLength(run.summary.comparisons.length);
});

it('compares from the stored predictions as the run did', async () => {
  const { stdout, stderr } = await results(
    run.folder,
    '--beside',
    'fixres shortSideCrop@48 - small resize@32',
    '--json',
  );
  expect(stderr).toBe('');
  const result = JSON.parse(stdout) as { comparisons: Compared[]; beside: Compared[] };
  const { a, b, ...planned } = result.comparisons[0]!;
  expect([a, b]).toEqual(['fixres', 'small']);
  expect(run.summary.comparisons).toHaveLength(1);
  expect(result.beside).toEqual([
    { a: 'fixres shortSideCrop@48', b: 'small resize@32', ...planned },
  ]);
});

it('makes the tables of a page', () => {
  const result = {
    arms: [
      {
        name: 'small',
        test: 'resize@64',
        epochs: 20,
        trainMultiplyAdds: 1.28e13,
        evaluations: [
          { test: 'resize@96', accuracy: 0.7531, ci95: [0.72, 0.78], sd: 0.01 },
          { test: 'resize@64', accuracy: 0.7388, ci95: [0.7148, 0.7624], sd: 0.0067 },
        ],
      },
      {
        name: 'equal',
        test: 'resize@96',
        epochs: 11,
        steps: 861,
        trainMultiplyAdds: 1.3e13,
        evaluations: [
          { test: 'resize@96', accuracy: 0.6, ci95: [0.5, 0.7], sd: 0.02 },
          { test: 'resize@64', accuracy: 0.5, ci95: [0.4, 0.6], sd: 0.02 },
        ],
      },
    ],
    comparisons: [
      {
        a: 'equal',
        b: 'small',
        difference: -0.0412,
        ci95: [-0.08, 0.0003],
        pAdjusted: 0.0004,
        verdict: 'not distinguishable',
        overSeeds: { ci95: [-0.09, 0.01], pAdjusted: 0.1 },
      },
    ],
    beside: [
      {
        a: 'small resize@96',
        b: 'small resize@64',
        difference: 0.0143,
        ci95: [0.004, 0.025],
        pAdjusted: 0.01,
        verdict: 'better',
        overSeeds: { ci95: null, pAdjusted: null },
      },
    ],
  };
  expect(visible(tables.accuracies(result)).split('\n')).toEqual([
    '| arm | 64 px | 96 px | deviation over seeds | epochs | training compute |',
    '| --- | --- | --- | --- | --- | --- |',
    '| `small` | **73.9~%** (71.5~to~76.2) | 75.3~% | 0.7 points | 20 | 12.8 TMAC |',
    '| `equal` | 50.0~% | **60.0~%** (50.0~to~70.0) | 2.0 points | 861 steps | 13.0 TMAC |',
  ]);
  const cropped = structuredClone(result);
  for (const { evaluations } of cropped.arms) evaluations[0]!.test = 'shortSideCrop@96';
  cropped.arms[1]!.test = 'shortSideCrop@96';
  expect(tables.accuracies(cropped)).toMatch(/^\| arm \| `resize@64` \| `shortSideCrop@96` \|/);
  const ofOneSeed = structuredClone(result) as { arms: { evaluations: { sd: number | null }[] }[] };
  for (const { evaluations } of ofOneSeed.arms) for (const each of evaluations) each.sd = null;
  expect(visible(tables.accuracies(ofOneSeed)).split('\n')[2]).toBe(
    '| `small` | **73.9~%** (71.5~to~76.2) | 75.3~% | 20 | 12.8 TMAC |',
  );
  expect(visible(tables.comparisons(result)).split('\n')[2]).toBe(
    '| equal - small | -4.1 | -8.0~to~0.0 | < 0.001 | -9.0~to~+1.0 | 0.100 | not distinguishable |',
  );
  expect(visible(tables.beside(result)).split('\n')[2]).toBe(
    '| small resize@96 - small resize@64 | +1.4 | +0.4~to~+2.5 | 0.010 | better |',
  );
});

it.each([
  [['none'], 'The run is "none"; it must be the folder of a finished run.\n'],
  [[], 'The run is ""; it must be the folder of a finished run.\n'],
])('refuses %j in one line', async (words, stderr) => {
  expect(await results(...words)).toEqual({ code: 2, stdout: '', stderr });
});

it('refuses a comparison with an unknown arm or test policy', async () => {
  expect(await results(run.folder, '--beside', 'fixres resize@99 - small resize@32')).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'Option --beside has "fixres resize@99"; it must be an arm and one of its test policies, such as "small resize@32".\n',
  });
});
