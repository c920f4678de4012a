import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunEntry } from '@fixres/runs';
import { runCli, suiteFolder, temporaryFolder } from './run-cli.ts';
import { writeRun } from './run-folders.ts';

const config = {
  dataset: { source: '/data/photos' },
  experiment: {
    model: { name: 'resnet14v2', width: 16 },
    arms: [{ name: 'small' }, { name: 'fixres' }],
    seeds: [0, 1],
  },
};
const start = (minute: number): object => ({
  n: 0,
  time: `2026-11-24T08:${minute}:00.000Z`,
  type: 'run-start',
  format: 1,
  dataset: { name: 'photos', classes: ['a', 'b'] },
  config,
});
const evaluation = (accuracy: number): object => ({
  policy: 'resize',
  size: 64,
  accuracy,
  ci95: [accuracy - 0.1, accuracy + 0.1],
  correct: 1,
  total: 2,
});
const summary = {
  dataset: { name: 'photos' },
  arms: [
    { name: 'small', ownEvaluation: 1, evaluations: [evaluation(0.9), evaluation(0.4)] },
    { name: 'fixres', ownEvaluation: 0, evaluations: [evaluation(0.5), evaluation(0.1)] },
  ],
  seconds: 172.4,
};
const lock = (pid: number, host = hostname()): object => ({ pid, host, started: null });

let runs: string;

beforeAll(async () => {
  runs = await suiteFolder();
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  const failed = {
    n: 2,
    time: '2026-11-24T08:11:30.000Z',
    type: 'run-failed',
    message: 'The loss became NaN in epoch 3.',
  };
  const interrupted = { n: 1, time: '2026-11-24T08:13:20.000Z', type: 'run-interrupted' };
  await writeRun(join(runs, 'done'), {
    'config.json': config,
    'events.jsonl': [
      start(10),
      { n: 1, time: '2026-11-24T08:13:00.000Z', type: 'run-end', seconds: 172.4 },
    ],
    'summary.json': summary,
  });
  await writeRun(join(runs, 'deep', 'er', 'failed'), {
    'config.json': config,
    'events.jsonl': [start(11), { n: 1, time: '2026-11-24T08:11:20.000Z', type: 'epoch' }, failed],
  });
  await writeRun(join(runs, 'going'), {
    'config.json': config,
    'events.jsonl': [start(12)],
    lock: lock(process.pid),
  });
  // A pause of an hour between its sessions.
  const resumed = [
    { n: 2, time: '2026-11-24T09:13:20.000Z', type: 'run-resumed', after: 0 },
    { n: 3, time: '2026-11-24T09:13:50.000Z', type: 'run-interrupted' },
  ];
  await writeRun(join(runs, 'stopped'), {
    'config.json': config,
    'events.jsonl': [start(13), interrupted, ...resumed],
  });
  // Killed in the middle of a line; the process that had the lock is gone.
  await writeRun(join(runs, 'killed'), {
    'config.json': config,
    'events.jsonl': `${JSON.stringify(start(14))}\n{"n":1,"ti`,
    lock: lock(child.pid!),
  });
  await writeRun(join(runs, 'broken'), { 'config.json': '{"experiment":' });
  await writeRun(join(runs, '.hidden', 'run'), { 'config.json': config });
  await mkdir(join(runs, 'empty'));
  await symlink(join(runs, 'done'), join(runs, 'link'));
});

describe('fixres ls', () => {
  it('lists runs with their state, latest first', async () => {
    const { code, stdout, stderr } = await runCli(['ls', runs, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { runs: entries } = JSON.parse(stdout) as { runs: RunEntry[] };
    expect(entries.map(({ name, state }) => [name, state])).toEqual([
      ['killed', 'crashed'],
      ['stopped', 'interrupted'],
      ['going', 'running'],
      ['deep/er/failed', 'failed'],
      ['done', 'finished'],
      ['broken', 'unreadable'],
    ]);
    expect(entries.at(-2)).toEqual({
      name: 'done',
      folder: join(runs, 'done'),
      state: 'finished',
      dataset: 'photos',
      model: 'resnet14v2 x16',
      arms: ['small', 'fixres'],
      seeds: [0, 1],
      best: { arm: 'fixres', policy: 'resize', size: 64, accuracy: 0.5, ci95: [0.4, 0.6] },
      startedAt: '2026-11-24T08:10:00.000Z',
      seconds: 172.4,
      problem: null,
    });
    expect(entries.find(({ state }) => state === 'failed')).toMatchObject({
      problem: 'The loss became NaN in epoch 3.',
      seconds: 30,
      best: null,
    });
    expect(entries.find(({ name }) => name === 'stopped')).toMatchObject({ seconds: 50 });
  });

  it('prints a table', async () => {
    const { stdout } = await runCli(['ls', runs], { env: { TZ: 'UTC' } });
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(
      /^run +state +dataset +model +arms +best arm +accuracy +95 % interval +started +took$/,
    );
    expect(lines).toContain(
      'done            finished     photos   resnet14v2 x16     2  fixres      50.0 %  40.0 % to 60.0 %  2026-11-24 08:10  2:52',
    );
    expect(lines).toContain(
      'broken          unreadable   -        -                  0  -                -                 -  -                    -',
    );
  });

  it('accepts a single run folder, and reports if there are no runs', async () => {
    expect(JSON.parse((await runCli(['ls', join(runs, 'done'), '--json'])).stdout)).toMatchObject({
      runs: [{ name: '.', state: 'finished' }],
    });
    const folder = await temporaryFolder();
    expect(await runCli(['ls', '.'], { cwd: folder })).toEqual({
      code: 0,
      stdout: '',
      stderr: 'There is no run in ".".\n',
    });
    expect((await runCli(['ls', '.', '--json'], { cwd: folder })).stdout).toBe('{"runs":[]}\n');
    expect(await runCli(['ls'], { cwd: folder })).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: Runs folder "runs" does not exist. Give a folder that contains run folders.\n',
    });
  });
});
