import { type OutgoingHttpHeaders, request } from 'node:http';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunState } from '@fixres/runs/events';
import { ownLock } from '@fixres/runs/read';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findRecordedDataset } from '../../../packages/runner/src/node/images/open-recorded-dataset.ts';
import { type Dashboard, startDashboard } from '../server/index.ts';
import type { ControlAnswer, RunDetail, RunsAnswer, StartRequest } from '../shared/protocol.ts';
import { makeRun, temporaryFolder } from './make-run.ts';
import { fixresProgram, smallPreset } from './trained-run.ts';

const control = { program: fixresProgram, findDataset: findRecordedDataset };

async function start(runs: string): Promise<Dashboard> {
  const dashboard = await startDashboard({ runs, port: 0, logsEvery: 50, runsEvery: 100, control });
  onTestFinished(() => dashboard.close());
  return dashboard;
}

interface Answer {
  status: number;
  error: string | undefined;
}

/** Sends a change with any headers; undefined ones are left out. */
async function send(
  { port }: Dashboard,
  action: string,
  body: unknown,
  headers: OutgoingHttpHeaders,
): Promise<Answer> {
  const given: OutgoingHttpHeaders = {
    origin: `http://127.0.0.1:${port}`,
    'content-type': 'application/json',
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const kept = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    );
    const sent = request(
      { port, host: '127.0.0.1', path: `/api/control/${action}`, method: 'POST', headers: kept },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            error: text.startsWith('{') ? (JSON.parse(text) as { error?: string }).error : text,
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}

async function state(dashboard: Dashboard): Promise<ControlAnswer> {
  return (await fetch(new URL('/api/control', dashboard.url))).json() as Promise<ControlAnswer>;
}

/** Sends a change like the page. */
async function change(
  dashboard: Dashboard,
  action: 'start' | 'stop' | 'resume',
  body: unknown,
): Promise<Answer> {
  return send(dashboard, action, body, { 'x-fixres-control': (await state(dashboard)).token });
}

async function statusOf(dashboard: Dashboard, run: string): Promise<RunState | undefined> {
  const { rows } = (await (await fetch(new URL('/api/runs', dashboard.url))).json()) as RunsAnswer;
  return rows.find(({ id }) => id === run)?.status;
}

async function until(dashboard: Dashboard, run: string, status: RunState): Promise<void> {
  await expect.poll(() => statusOf(dashboard, run), { interval: 100 }).toBe(status);
}

/** The problem of a run's process, once it has ended. */
async function problemOf(dashboard: Dashboard, run: string): Promise<string | null> {
  const process = async (): Promise<ControlAnswer['processes'][number] | undefined> =>
    (await state(dashboard)).processes.find((each) => each.run === run);
  await expect.poll(async () => (await process())?.ended).toBe(true);
  return (await process())!.problem;
}

describe('control of runs', () => {
  it('starts, stops and resumes a run that outlives the dashboard', async () => {
    const root = await temporaryFolder();
    const first = await start(root);
    const asked: StartRequest = { name: 'flowers', from: { ...smallPreset, epochs: 200 } };
    expect(await change(first, 'start', asked)).toMatchObject({ status: 202 });
    expect((await change(first, 'start', asked)).error).toBe(
      'Folder "flowers" already exists; choose another name.',
    );
    await until(first, 'flowers', 'running');
    expect((await change(first, 'resume', { run: 'flowers' })).error).toBe(
      'Run "flowers" is being written; there is nothing to resume.',
    );
    await first.close();

    const second = await start(root);
    await until(second, 'flowers', 'running');
    // More requests must not end the process before it has saved its state. They can also arrive
    // after it has ended.
    const stops = await Promise.all(
      [0, 1, 2].map(() => change(second, 'stop', { run: 'flowers' })),
    );
    for (const { status, error } of stops)
      if (status !== 202) expect(error).toBe('No process is writing to run "flowers".');
    expect(stops.map(({ status }) => status)).toContain(202);
    await until(second, 'flowers', 'interrupted');
    expect(
      (await readdir(join(root, 'flowers', 'checkpoints', 'small-seed0'))).length,
    ).toBeGreaterThan(0);
    expect((await change(second, 'stop', { run: 'flowers' })).error).toBe(
      'No process is writing to run "flowers".',
    );

    const config = JSON.parse(
      await readFile(join(root, 'flowers', 'config.json'), 'utf8'),
    ) as unknown;
    expect(config).toMatchObject({
      dataset: { source: 'synthetic', limit: 60 },
      experiment: { model: { width: 4 }, seeds: [0] },
    });
    expect(await change(second, 'resume', { run: 'flowers' })).toMatchObject({ status: 202 });
    await until(second, 'flowers', 'running');
    expect(await change(second, 'stop', { run: 'flowers' })).toMatchObject({ status: 202 });
    await until(second, 'flowers', 'interrupted');
    const { output } = (await (
      await fetch(new URL('/api/runs/flowers', second.url))
    ).json()) as RunDetail;
    expect(output!.match(/Resume it with: fixres resume/g)).toHaveLength(2);
  });

  it('runs an experiment file, and repeats the configuration of a run', async () => {
    const root = await temporaryFolder();
    const arm = {
      name: 'only',
      trainPolicy: { policy: 'resizeFlip', size: 32 },
      testPolicy: { policy: 'resize', size: 32 },
      epochs: 1,
      schedule: { type: 'cosine', rate: 1e-3, warmUp: { epochs: 0.5 } },
      ema: true,
    };
    const dataset = {
      source: 'synthetic',
      limit: 60,
      heldOut: 0.3,
      classNames: ['daisy', 'dahlia', 'cosmos', 'aster', 'anemone'],
      maxMegapixels: 1,
    };
    const file = {
      version: 1,
      dataset,
      model: { name: 'resnet14v2', width: 8 },
      arms: [arm, { ...arm, name: 'fine', initFrom: 'only', freeze: 'classifier' }],
      evaluations: [{ policy: 'resize', size: 48 }],
      seeds: [3],
      batchSize: 16,
    };
    await writeFile(join(root, 'tiny.yaml'), JSON.stringify(file));
    await writeFile(join(root, 'broken.yml'), 'version: 1\ndataset: synthetic\npreset: slow\n');
    const dashboard = await start(root);
    expect((await state(dashboard)).files).toEqual(['broken.yml', 'tiny.yaml']);

    await change(dashboard, 'start', { name: 'broken', from: { file: 'broken.yml' } });
    expect(await problemOf(dashboard, 'broken')).toMatch(
      /^Experiment file ".*broken.yml": preset is "slow"/,
    );
    expect(existsSync(join(root, 'broken'))).toBe(false);

    await change(dashboard, 'start', { name: 'tiny', from: { file: 'tiny.yaml' } });
    expect(await problemOf(dashboard, 'tiny')).toBeNull();
    expect(await statusOf(dashboard, 'tiny')).toBe('finished');
    expect(await change(dashboard, 'resume', { run: 'tiny' })).toMatchObject({
      status: 409,
      error: 'Run "tiny" is finished; there is nothing to resume.',
    });

    await change(dashboard, 'start', { name: 'again', from: { run: 'tiny' } });
    expect(await problemOf(dashboard, 'again')).toBeNull();
    const [one, other] = await Promise.all(
      ['tiny', 'again'].map(
        async (run) =>
          JSON.parse(await readFile(join(root, run, 'config.json'), 'utf8')) as Record<
            string,
            unknown
          >,
      ),
    );
    expect(other!.experiment).toEqual(one!.experiment);
    expect(other!.images).toEqual(one!.images);
    expect([one!.dataset, other!.dataset]).toMatchObject([dataset, dataset]);
  });

  it('signals only the process that has the lock', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'own'));
    await makeRun(join(root, 'elsewhere'), { lock: { ...ownLock(), host: 'elsewhere' } });
    await makeRun(join(root, 'gone'), { lock: { ...ownLock(), started: 'another-boot/1' } });
    await makeRun(join(root, 'unsure'), {
      lock: { ...ownLock(), pid: process.ppid, started: null },
    });
    await makeRun(join(root, 'group'), { lock: { ...ownLock(), pid: -process.ppid } });
    await writeFile(join(root, 'lock.json'), JSON.stringify({ ...ownLock(), pid: process.ppid }));
    await makeRun(join(root, 'linked'), { lock: null });
    await symlink(join(root, 'lock.json'), join(root, 'linked', 'lock'));
    const dashboard = await start(root);
    const errors: [string, RegExp][] = [
      ['own', /dashboard itself/],
      [
        'elsewhere',
        /Process \d+ on elsewhere is writing to run "elsewhere"; stop it on that machine/,
      ],
      ['unsure', /stop it by hand/],
      ['group', /^No process is writing/],
      ['linked', /^No process is writing/],
      ['../outside', /^No process is writing/],
    ];
    if (process.platform === 'linux') errors.push(['gone', /^No process is writing/]);
    for (const [run, error] of errors) {
      const answer = await change(dashboard, 'stop', { run });
      expect([run, answer.status]).toEqual([run, 409]);
      expect(answer.error).toMatch(error);
    }
  });

  it('rejects what it cannot start, with a reason', async () => {
    const parent = await temporaryFolder();
    const root = join(parent, 'runs');
    await makeRun(join(root, 'a'), { lock: null });
    await writeFile(join(parent, 'secret.yaml'), 'version: 1\n');
    await symlink(join(parent, 'secret.yaml'), join(root, 'linked.yaml'));
    await symlink(parent, join(root, 'out'));
    await mkdir(join(root, 'taken'));
    const dashboard = await start(root);
    expect((await state(dashboard)).files).toEqual([]);
    const preset = { preset: 'quick', dataset: 'synthetic' };
    const cases: [unknown, number, RegExp][] = [
      [{ name: '../b', from: preset }, 400, /^The name must have/],
      [{ name: '.b', from: preset }, 400, /^The name must have/],
      [{ name: 'a/b', from: preset }, 400, /^The name must have/],
      [{ name: 7, from: preset }, 400, /^The name must have/],
      [{ name: 'b' }, 400, /^"from" must be/],
      [{ name: 'taken', from: preset }, 409, /^Folder "taken" already exists/],
      [{ name: 'out', from: preset }, 409, /^Folder "out" already exists/],
      [{ name: 'b', from: { file: 'linked.yaml' } }, 400, /^Experiment file "linked.yaml"/],
      [{ name: 'b', from: { file: '../secret.yaml' } }, 400, /^Experiment file "..\/secret.yaml"/],
      [{ name: 'b', from: { run: '../runs/a' } }, 400, /^Run "..\/runs\/a" does not exist/],
      [
        { name: 'b', from: { preset: 'slow', dataset: 'synthetic' } },
        400,
        /^"preset" is "slow"; it must be one of quick, keras, paper, matched\.$/,
      ],
      [
        { name: 'b', from: { preset: 'quick', dataset: '/etc' } },
        400,
        /^"dataset" is "\/etc"; it must be one of synthetic\.$/,
      ],
      [
        { name: 'b', from: { ...preset, epochs: '3; ls' } },
        400,
        /^"epochs" is "3; ls"; it must be a whole number from 1 to 10000\.$/,
      ],
      [{ name: 'b', from: { ...preset, epochs: 0 } }, 400, /^"epochs" is 0/],
    ];
    for (const [asked, status, error] of cases) {
      const answer = await change(dashboard, 'start', asked);
      expect([asked, answer.status]).toEqual([asked, status]);
      expect(answer.error).toMatch(error);
    }
    expect((await change(dashboard, 'resume', { run: '../runs/a' })).status).toBe(404);
    expect((await readdir(root)).sort()).toEqual(['a', 'linked.yaml', 'out', 'taken']);
    const single = await start(join(root, 'a'));
    expect((await change(single, 'start', { name: 'b', from: preset })).error).toMatch(
      /shows a single run/,
    );
  });

  it('accepts changes only from its own page', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'a'));
    const dashboard = await start(root);
    const { token } = await state(dashboard);
    const right = { 'x-fixres-control': token };
    const { port } = dashboard;
    const wrong: OutgoingHttpHeaders[] = [
      {},
      { 'x-fixres-control': `${token.slice(0, -1)}~` },
      { ...right, origin: undefined },
      { ...right, origin: 'null' },
      { ...right, origin: 'http://evil.example' },
      { ...right, origin: `http://localhost:${port}` },
      { ...right, host: `evil.example:${port}`, origin: `http://evil.example:${port}` },
      { ...right, 'sec-fetch-site': 'cross-site' },
      { ...right, 'content-type': 'text/plain' },
      { ...right, 'content-type': 'application/x-www-form-urlencoded' },
    ];
    for (const action of ['start', 'stop', 'resume']) {
      for (const headers of wrong) {
        expect([
          action,
          headers,
          (await send(dashboard, action, { run: 'a' }, headers)).status,
        ]).toEqual([action, headers, 403]);
      }
      expect((await send(dashboard, action, 7, right)).status).toBe(400);
      expect((await send(dashboard, action, 'x'.repeat(20_000), right)).status).toBe(413);
      expect((await fetch(new URL(`/api/control/${action}`, dashboard.url))).status).toBe(404);
    }
    // Another start of the server has another token.
    expect((await send(await start(root), 'stop', { run: 'a' }, right)).status).toBe(403);
  });

  it('cannot change anything unless it was enabled', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'a'));
    const dashboard = await startDashboard({ runs: root, port: 0 });
    onTestFinished(() => dashboard.close());
    expect((await fetch(new URL('/api/control', dashboard.url))).status).toBe(404);
    for (const action of ['start', 'stop', 'resume'])
      expect((await send(dashboard, action, { run: 'a' }, { 'x-fixres-control': '' })).status).toBe(
        404,
      );
    expect(
      ((await (await fetch(new URL('/api/runs', dashboard.url))).json()) as RunsAnswer).control,
    ).toBe(false);
  });
});
