import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunEntry } from '@fixres/runs';
import { loadRun } from '@fixres/runs/node';
import { beforeAll, expect, it } from 'vitest';
import { runCli, suiteFolder } from './run-cli.ts';
import { writeTinyPhotos } from './tiny-experiment.ts';

const fixtures = new URL('fixtures/', import.meta.url);

let folder: string;
let run: string;

beforeAll(async () => {
  folder = await suiteFolder();
  // As many as the run began with.
  await writeTinyPhotos(folder, 11);
  run = join(folder, 'run');
  // Created from `earlier-experiment.yaml` by the version before arms had `ema`, and interrupted
  // after the first of two epochs.
  await cp(fileURLToPath(new URL('earlier-run', fixtures)), run, { recursive: true });
});

it('lists, resumes and reports a run of an earlier version', async () => {
  const { runs } = JSON.parse((await runCli(['ls', run, '--json'])).stdout) as { runs: RunEntry[] };
  expect(runs).toMatchObject([
    { name: '.', state: 'interrupted', model: 'resnet14v2 x4', arms: ['base', 'tuned'] },
  ]);
  const before = join(folder, 'before.html');
  expect(await runCli(['report', run, '--out', before, '--no-images', '--quiet'])).toMatchObject({
    code: 0,
  });
  expect(await readFile(before, 'utf8')).toContain('This run was interrupted.');

  const resumed = await runCli(['resume', run, '--data', join(folder, 'photos'), '--quiet']);
  expect(resumed).toMatchObject({ code: 0, stderr: '' });
  const { state, config, summary } = await loadRun(run);
  expect(state).toBe('finished');
  // The average of the second arm was set under its earlier name.
  expect(config.experiment.arms[1]).toMatchObject({ ema: { momentum: 0.9, warmUp: true } });
  const curves = summary!.arms.map(({ name, curves: [curve] }) => [name, curve!.epochs.length]);
  expect(curves).toEqual([
    ['base', 2],
    ['tuned', 2],
  ]);

  const after = join(folder, 'after.html');
  expect(await runCli(['report', run, '--out', after, '--no-images', '--quiet'])).toMatchObject({
    code: 0,
  });
  expect(await readFile(after, 'utf8')).toContain('tuned');
});

it('reads an experiment file of an earlier version, with a line for each key that was renamed', async () => {
  const file = join(folder, 'earlier-experiment.yaml');
  await cp(new URL('earlier-experiment.yaml', fixtures), file);
  const { code, stdout, stderr } = await runCli(['run', file, '--dry-run', '--json', '--quiet']);
  expect(code).toBe(0);
  const { arms, seeds } = JSON.parse(stdout) as { arms: object[]; seeds: number[] };
  expect(arms).toMatchObject([{ initFrom: null }, { initFrom: 'base', ema: { momentum: 0.9 } }]);
  expect(seeds).toEqual([0]);
  for (const line of [
    'arms[].train is now called trainPolicy.',
    'arms[].test is now called testPolicy.',
    'arms[].from is now called initFrom.',
    'arms[].average is now called ema.',
    'The number of seeds is now called seedCount; seeds is a list.',
  ])
    expect(stderr).toContain(line);
});
