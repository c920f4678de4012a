import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FactorialRecord } from '@fixres/runs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSummary } from './read-summary.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-summary-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function factorialOf(factorial: unknown): Promise<FactorialRecord | undefined> {
  const summary = { arms: [{ name: 'small', trainSize: 64, evaluations: [] }], factorial };
  await writeFile(join(folder, 'summary.json'), JSON.stringify(summary));
  return (await readSummary(folder))!.factorial;
}

const effect = { difference: 0.1, ci95: [0.05, 0.15] };
const part = {
  factor: 'classifier',
  share: { ...effect, pAdjusted: 0.01 },
  alone: effect,
  last: effect,
  main: effect,
};
const explained = {
  of: { run: 'flowers', arm: 'fixres', from: 'small' },
  base: 0.6,
  full: 0.7,
  gain: effect,
  stages: [{ name: 'fine-tuning', factors: ['classifier'], ...effect }],
  factors: [part],
  interactions: [],
};

it('reads where a gain comes from, and leaves out what the page could not draw', async () => {
  expect(await factorialOf(explained)).toEqual(explained);
  const whole = {
    ...explained,
    interactions: [{ a: 'test size', b: 'classifier', ...effect }],
    moreEpochs: effect,
  };
  expect(await factorialOf(whole)).toEqual(whole);
  expect(await factorialOf(undefined)).toBeUndefined();
  for (const broken of [
    'text',
    { ...explained, of: {} },
    { ...explained, full: null },
    { ...explained, gain: { difference: 0.1 } },
    { ...explained, factors: [] },
    { ...explained, factors: [part, { ...part, alone: { ...effect, ci95: [0] } }] },
    { ...explained, factors: [{ ...part, share: effect }] },
    { ...explained, factors: [{ ...part, main: undefined }] },
    { ...explained, stages: [{ ...effect }] },
    { ...explained, interactions: [{ a: 'test size', ...effect }] },
    { ...explained, interactions: undefined },
    { ...explained, moreEpochs: 0.1 },
  ])
    expect(await factorialOf(broken)).toBeUndefined();
});

it('reads how the number of seeds was decided, and leaves out what the page could not state', async () => {
  const stopping = {
    a: 'fixres',
    b: 'small',
    policy: 'own',
    until: 'excludes0',
    max: 9,
    isReached: true,
    values: [0.01, 0.02],
    ci95: null,
  };
  const read = async (seedStopping: unknown): Promise<unknown> => {
    const summary = { arms: [{ name: 'small', trainSize: 64, evaluations: [] }], seedStopping };
    await writeFile(join(folder, 'summary.json'), JSON.stringify(summary));
    return (await readSummary(folder))!.seedStopping;
  };
  const narrow = { ...stopping, until: { halfWidth: 0.015 }, ci95: [0.01, 0.02] };
  for (const whole of [stopping, narrow]) expect(await read(whole)).toEqual(whole);
  for (const broken of [
    undefined,
    'text',
    { ...stopping, b: 1 },
    { ...stopping, until: 'soon' },
    { ...stopping, values: ['x'] },
    { ...stopping, ci95: [1] },
  ])
    expect(await read(broken)).toBeUndefined();
});

const conditions = [{ corruption: 'fog', severity: 1, accuracy: 0.4 }];
const robust = { accuracy: 0.4, ci95: [0.3, 0.5], clean: 0.6, mce: 1, conditions };
const compared = {
  a: 'fixres',
  b: 'small',
  difference: 0.1,
  ci95: [0, 0.2],
  p: 0.1,
  pAdjusted: 0.1,
  verdict: 'better',
  clean: 0.1,
  kept: effect,
};
const robustness = {
  baseline: 'small',
  corruptions: ['fog'],
  severities: [1],
  comparisons: [compared],
};

it('reads the results on corrupted images, and leaves out what the page could not draw', async () => {
  const read = async (ofArm: unknown, ofRun: unknown): Promise<unknown[]> => {
    const arms = [{ name: 'small', trainSize: 64, evaluations: [], robustness: ofArm }];
    await writeFile(join(folder, 'summary.json'), JSON.stringify({ arms, robustness: ofRun }));
    const summary = (await readSummary(folder))!;
    return [summary.arms[0]!.robustness, summary.robustness];
  };
  expect(await read(robust, robustness)).toEqual([robust, robustness]);
  expect(await read({ ...robust, mce: null }, undefined)).toEqual([
    { ...robust, mce: null },
    undefined,
  ]);
  expect(await read({ ...robust, conditions: [{ corruption: 'fog' }] }, 'text')).toEqual([
    undefined,
    undefined,
  ]);
  expect(
    await read({ ...robust, ci95: 1 }, { ...robustness, comparisons: [{ ...compared, kept: 1 }] }),
  ).toEqual([undefined, undefined]);
});

it('reads sizes that are rectangles, and leaves out arms whose size is neither', async () => {
  const evaluation = { policy: 'resize', accuracy: 0.5, ci95: [0.4, 0.6] };
  const wide = { height: 48, width: 64 };
  const arm = (name: string, trainSize: unknown, size: unknown): object => ({
    name,
    trainSize,
    evaluations: [{ ...evaluation, size }],
  });
  const arms = [arm('a', wide, wide), arm('b', 64, { height: 48 }), arm('c', '48x64', 64)];
  await writeFile(join(folder, 'summary.json'), JSON.stringify({ arms }));
  const shown = (await readSummary(folder))!.arms;
  expect(
    shown.map(({ name, trainSize, evaluations }) => [name, trainSize, evaluations.length]),
  ).toEqual([
    ['a', wide, 1],
    ['b', 64, 0],
  ]);
});

it('reads mean average precision, and leaves out what the page could not draw', async () => {
  const precision = { mean: 0.9, ci95: [0.8, 0.95] };
  const compared = { ...effect, pAdjusted: 0.01, verdict: 'better' };
  const read = async (meanAveragePrecision: unknown, difference: unknown): Promise<unknown[]> => {
    const own = { policy: 'resize', size: 64, accuracy: 0.5, ci95: [0.4, 0.6] };
    const evaluations = [{ ...own, multiLabel: { meanAveragePrecision, classes: [1, 2] } }];
    const comparison = { ...effect, a: 'fixres', b: 'small', policy: 'own', pAdjusted: 1 };
    const summary = {
      arms: [{ name: 'small', trainSize: 64, evaluations }],
      comparisons: [{ ...comparison, meanAveragePrecision: difference }],
    };
    await writeFile(join(folder, 'summary.json'), JSON.stringify(summary));
    const { arms, comparisons } = (await readSummary(folder))!;
    return [
      arms[0]!.evaluations[0]!.multiLabel?.meanAveragePrecision,
      comparisons[0]!.meanAveragePrecision,
    ];
  };
  expect(await read(precision, compared)).toEqual([precision, compared]);
  for (const broken of ['text', null, { mean: 'x', ci95: [0, 1] }, { ...precision, ci95: [1] }])
    expect(await read(broken, undefined)).toEqual([undefined, undefined]);
  for (const broken of ['text', { ...compared, verdict: 1 }, { ...compared, ci95: null }])
    expect(await read(precision, broken)).toEqual([precision, undefined]);
});
