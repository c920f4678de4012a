import { mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { earlierPredictionsFileName } from '@fixres/runs';
import { armFolderName, type PredictionsOf, predictionsFileName } from '@fixres/runs/events';
import { parseExperiment, resolveExperiment } from '@fixres/runs/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import type {
  EventsMessage,
  PredictionsAnswer,
  PredictionsPage,
  RowsMessage,
  RunDetail,
  RunsAnswer,
} from '../shared/protocol.ts';
import { type Dashboard, type DashboardOptions, startDashboard } from '../server/index.ts';
import type { CurvesJson } from '../shared/curves.ts';
import { StreamReader } from './event-source.ts';
import { appendEvents, makeRun, progress, temporaryFolder } from './make-run.ts';

async function start(runs: string, options: Partial<DashboardOptions> = {}): Promise<Dashboard> {
  const dashboard = await startDashboard({
    runs,
    port: 0,
    logsEvery: 50,
    runsEvery: 100,
    ...options,
  });
  onTestFinished(() => dashboard.close());
  return dashboard;
}

/** A request with any headers, including `Host`, and with the path exactly as given. */
async function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, path, method, headers, host: '127.0.0.1' }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, text }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function json<T>(dashboard: Dashboard, path: string): Promise<T> {
  const { status, text } = await ask(dashboard.port, path);
  expect(status).toBe(200);
  return JSON.parse(text) as T;
}

describe('the runs and their files', () => {
  it('lists runs, and returns all of one run', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'sweep', 'a run'));
    await mkdir(join(root, 'sweep', 'a run', 'models', 'small-seed0'));
    await writeFile(
      join(root, 'sweep', 'a run', 'models', 'small-seed0', 'weights.bin'),
      'weights',
    );
    const dashboard = await start(root);
    const { rows } = await json<RunsAnswer>(dashboard, '/api/runs');
    expect(rows.map(({ id }) => id)).toEqual(['sweep/a run']);
    const path = `/api/runs/${encodeURIComponent('sweep/a run')}`;
    const detail = await json<RunDetail>(dashboard, path);
    expect(detail).toMatchObject({
      environment: { node: 'v20' },
      summary: null,
      dataset: { classes: ['aster', 'daisy'] },
      models: [{ name: 'small-seed0', arm: 'small', seed: 0 }],
    });
    expect((await ask(dashboard.port, `${path}/models/small-seed0/weights.bin`)).text).toBe(
      'weights',
    );
    const { curves, next } = await json<{ curves: CurvesJson; next: number }>(
      dashboard,
      `${path}/curves`,
    );
    expect(next).toBe(5);
    expect(curves.lanes[0]!.points.means.loss).toEqual([2, 1.999, 1.998]);
    const part = await json<{ events: { n: number }[]; next: number; lines: number }>(
      dashboard,
      `${path}/events?from=2&limit=2`,
    );
    expect([part.events.map(({ n }) => n), part.next, part.lines]).toEqual([[2, 3], 4, 5]);
    expect((await ask(dashboard.port, `${path}/events?from=-1`)).status).toBe(400);
  });

  it('shows models and predictions of the arms of a grid, and of ambiguous names', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'grid');
    await makeRun(folder);
    const grid = {
      train: { trainPolicy: 'randomResizedCrop', imageSizes: [64], epochs: 1, learningRate: 0.1 },
      finetune: {
        policies: [
          {
            trainPolicy: { policy: 'resize', size: 80 },
            testPolicy: { policy: 'resize', size: 80 },
          },
        ],
        freeze: ['classifier+last-bn'],
        epochs: 1,
        learningRate: 0.1,
      },
    } as const;
    const file = parseExperiment({ version: 1, dataset: 'synthetic', grid });
    const experiment = await resolveExperiment(file, () =>
      Promise.resolve([{ width: 64, height: 64 }]),
    );
    const [policy] = experiment.evaluations;
    const evaluations = [...experiment.evaluations, { ...policy!, name: 'b-seed1-c' }];
    await writeFile(
      join(folder, 'config.json'),
      JSON.stringify({ experiment: { ...experiment, evaluations } }),
    );
    const all = experiment.arms.flatMap(({ name: arm }) =>
      evaluations.map(({ name, output }) => ({
        arm,
        seed: 0,
        evaluation: `${name}@${output.width}`,
      })),
    );
    expect(all.map(({ arm }) => arm)).toContain('train64-resize@80-classifier+last-bn');
    for (const of of all)
      await writeFile(
        join(folder, 'predictions', predictionsFileName(of)),
        '{"file":"a.jpg","label":"aster","probabilities":[0.9,0.1]}\n',
      );
    for (const { name: arm } of experiment.arms) {
      await mkdir(join(folder, 'models', armFolderName({ arm, seed: 0 })));
      await writeFile(join(folder, 'models', armFolderName({ arm, seed: 0 }), 'model.json'), arm);
    }
    const dashboard = await start(root);
    const { models, predictions } = await json<RunDetail>(dashboard, '/api/runs/grid');
    const byName = (a: PredictionsOf, b: PredictionsOf): number =>
      predictionsFileName(a) < predictionsFileName(b) ? -1 : 1;
    expect(
      predictions.map(({ arm, seed, evaluation }) => ({ arm, seed, evaluation })).sort(byName),
    ).toEqual(all.sort(byName));
    for (const { name } of predictions)
      expect(
        (
          await json<PredictionsAnswer>(
            dashboard,
            `/api/runs/grid/predictions/${encodeURIComponent(name)}`,
          )
        ).total,
      ).toBe(1);
    expect(models.map(({ arm }) => arm).sort()).toEqual(
      experiment.arms.map(({ name }) => name).sort(),
    );
    for (const { name, arm } of models)
      expect(
        (await ask(dashboard.port, `/api/runs/grid/models/${encodeURIComponent(name)}/model.json`))
          .text,
      ).toBe(arm);

    // An early version wrote this; its name could be that of an arm that this run does not have.
    const early = {
      arm: 'train64',
      seed: 0,
      evaluation: evaluations.map(({ name, output }) => `${name}@${output.width}`).at(-1)!,
    };
    await rename(
      join(folder, 'predictions', predictionsFileName(early)),
      join(folder, 'predictions', earlierPredictionsFileName(early)),
    );
    const later = await json<RunDetail>(dashboard, '/api/runs/grid');
    expect(
      later.predictions
        .map(({ arm, seed, evaluation }) => ({ arm, seed, evaluation }))
        .sort(byName),
    ).toEqual(all);
  });

  it('sends the runs table again only if it has changed', async () => {
    const root = await temporaryFolder();
    const lines = await makeRun(join(root, 'a'));
    const { port } = await start(root);
    const first = await ask(port, '/api/runs');
    const headers = { 'if-none-match': String(first.headers.etag) };
    expect(first.headers['cache-control']).toBe('private, no-cache');
    expect(await ask(port, '/api/runs', headers)).toMatchObject({ status: 304, text: '' });
    await appendEvents(join(root, 'a'), lines, [progress(4)]);
    const changed = await ask(port, '/api/runs', headers);
    expect([changed.status, changed.headers.etag === first.headers.etag]).toEqual([200, false]);
    expect((await ask(port, '/api/runs/a')).headers['cache-control']).toBe('no-store');
  });

  it('sends a part of the curves and of predictions, and rejects an invalid part', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'a'), { steps: 90 });
    const file = 'small-seed0-resize@64.jsonl';
    await writeFile(
      join(root, 'a', 'predictions', file),
      Array.from(
        { length: 9 },
        (_, i) =>
          `${JSON.stringify({ file: `${i}.jpg`, label: 'aster', probabilities: [0.9, 0.1] })}\n`,
      ).join(''),
    );
    const dashboard = await start(root);
    const { curves } = await json<{ curves: CurvesJson }>(
      dashboard,
      '/api/runs/a/curves?axis=step&from=20&to=22',
    );
    expect(curves.lanes[0]!.points.means.step).toEqual([19, 20, 21, 22]);
    const page = await json<PredictionsPage>(
      dashboard,
      `/api/runs/a/predictions/${file}/rows?from=4&limit=2`,
    );
    expect([page.total, page.rows.map((row) => row.file)]).toEqual([9, ['4.jpg', '5.jpg']]);
    for (const wrong of [
      'curves?axis=steps&from=1&to=2',
      'curves?axis=step&from=1',
      'curves?from=1&to=2',
      'curves?axis=step&from=&to=3',
      `predictions/${file}/rows?limit=-1`,
      `predictions/${file}/rows?kind=x`,
    ]) {
      expect([wrong, (await ask(dashboard.port, `/api/runs/a/${wrong}`)).status]).toEqual([
        wrong,
        400,
      ]);
    }
    expect((await ask(dashboard.port, '/api/runs/a/predictions/other.jsonl/rows')).status).toBe(
      404,
    );
  });

  it('counts predictions, and skips damaged lines', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'a'));
    const lines = [
      { file: 'aster/1.jpg', label: 'aster', probabilities: [0.9, 0.1] },
      { file: 'aster/2.jpg', label: 'aster', probabilities: [0.2, 0.8] },
      { file: 'daisy/1.jpg', label: 'daisy', probabilities: [0.3, 0.7] },
      { file: 'daisy/2.jpg', label: 'tulip', probabilities: [0.3, 0.7] },
      { file: 'daisy/3.jpg', label: 'daisy', probabilities: [1] },
    ];
    const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"file":`;
    await writeFile(join(root, 'a', 'predictions', 'small-seed0-resize@64.jsonl'), text);
    const dashboard = await start(root);
    const answer = await json<PredictionsAnswer>(
      dashboard,
      '/api/runs/a/predictions/small-seed0-resize@64.jsonl',
    );
    expect(answer).toMatchObject({ total: 3, damaged: 3, classes: ['aster', 'daisy'] });
    expect(answer.confusion.sort()).toEqual([
      [0, 0, 1],
      [0, 1, 1],
      [1, 1, 1],
    ]);
    const { rows } = await json<PredictionsPage>(
      dashboard,
      '/api/runs/a/predictions/small-seed0-resize@64.jsonl/rows',
    );
    expect(rows[1]).toEqual({
      file: 'aster/2.jpg',
      label: 0,
      top: [
        [1, 0.8],
        [0, 0.2],
      ],
      labelProbability: 0.2,
    });
  });

  it("ignores another program's summary, and the parts of a summary that it cannot show", async () => {
    const root = await temporaryFolder();
    const arm = { name: 'small', trainSize: 64, ownEvaluation: 0 };
    const evaluation = {
      policy: 'resize',
      size: 64,
      accuracy: 0.5,
      ci95: [0.4, 0.6],
      metrics: {
        confusion: [
          [1, 2],
          [3, 4],
        ],
      },
    };
    const summaries: Record<string, unknown> = {
      'no-arms': { arms: 3 },
      'other-arms': { arms: [{ robot: true }, null, 'left'] },
      'no-evaluations': { arms: [arm] },
      odd: {
        arms: [{ ...arm, evaluations: [null, {}, evaluation], activations: [{}] }],
        comparisons: [{ a: 'small' }, 7],
      },
    };
    for (const [name, summary] of Object.entries(summaries)) {
      await makeRun(join(root, name));
      await writeFile(join(root, name, 'summary.json'), JSON.stringify(summary));
    }
    const dashboard = await start(root);
    const shown = async (name: string): Promise<unknown> =>
      (await json<RunDetail>(dashboard, `/api/runs/${name}`)).summary;
    expect([await shown('no-arms'), await shown('other-arms')]).toEqual([null, null]);
    expect(await shown('no-evaluations')).toMatchObject({
      arms: [{ name: 'small', evaluations: [], initFrom: null }],
      comparisons: [],
    });
    expect(await shown('odd')).toMatchObject({
      arms: [{ evaluations: [{ ...evaluation, metrics: null }] }],
      comparisons: [],
    });
  });

  it('opens a run with a huge log, and the start of a huge file of predictions', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'huge'));
    const lines = ['aster', 'daisy'].map(
      (label, i) => `${JSON.stringify({ file: `${i}.jpg`, label, probabilities: [0.4, 0.6] })}\n`,
    );
    const predictions = join(root, 'huge', 'predictions', 'small-seed0-resize@64.jsonl');
    await writeFile(predictions, lines.join(''));
    // Sparse files that take no disk space. Reading a whole one would take longer than the test may
    // run.
    for (const file of [predictions, join(root, 'huge', 'events.jsonl')])
      await truncate(file, 2 ** 41);
    const dashboard = await start(root);
    expect((await json<RunDetail>(dashboard, '/api/runs/huge')).dataset?.classes).toEqual([
      'aster',
      'daisy',
    ]);
    expect((await json<{ lines: number }>(dashboard, '/api/runs/huge/events')).lines).toBe(5);
    const answer = await json<PredictionsAnswer>(
      dashboard,
      '/api/runs/huge/predictions/small-seed0-resize@64.jsonl',
    );
    expect(answer).toMatchObject({
      total: 2,
      isPart: true,
      confusion: [
        [0, 1, 1],
        [1, 1, 1],
      ],
    });
    const stream = await StreamReader.open(`${dashboard.url}api/stream?run=huge`);
    expect((await stream.find(({ event }) => event === 'events')).data).toMatchObject({ next: 5 });
  });

  it('answers for runs that disappear, and for huge ones', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'gone'));
    await makeRun(join(root, 'huge'));
    await truncate(join(root, 'huge', 'events.jsonl'), 2 ** 33);
    const dashboard = await start(root);
    expect((await json<RunsAnswer>(dashboard, '/api/runs')).rows).toHaveLength(2);
    await rm(join(root, 'gone'), { recursive: true });
    expect((await json<RunsAnswer>(dashboard, '/api/runs')).rows).toHaveLength(1);
    for (const path of ['', '/curves', '/events', '/predictions/x.jsonl'])
      expect((await ask(dashboard.port, `/api/runs/gone${path}`)).status).toBe(404);
  });

  it('lists hundreds of runs, page by page', async () => {
    const root = await temporaryFolder();
    for (let i = 0; i < 450; i++) await makeRun(join(root, `run-${i}`), { steps: 1 });
    const dashboard = await start(root);
    const ids: string[] = [];
    const pages: number[] = [];
    for (let after: string | null = ''; after !== null;) {
      const page: RunsAnswer = await json(
        dashboard,
        `/api/runs?after=${encodeURIComponent(after)}`,
      );
      ids.push(...page.rows.map(({ id }) => id));
      pages.push(page.rows.length);
      after = page.next;
      expect(page.total).toBe(450);
    }
    expect([pages, new Set(ids).size]).toEqual([[200, 200, 50], 450]);
  });
});

describe('the event stream', () => {
  const events =
    (run: string, next: number) =>
    (message: { event: string; data: unknown }): boolean =>
      message.event === 'events' &&
      (message.data as EventsMessage).run === run &&
      (message.data as EventsMessage).next >= next;

  it('sends the table and the events of several runs, then what is new', async () => {
    const root = await temporaryFolder();
    const lines = await makeRun(join(root, 'a'));
    await makeRun(join(root, 'b'));
    const dashboard = await start(root);
    const stream = await StreamReader.open(`${dashboard.url}api/stream?run=a&run=b`);
    const table = await stream.find(({ event }) => event === 'rows');
    expect((table.data as RowsMessage).rows).toHaveLength(2);
    await stream.find(events('a', lines));
    await stream.find(events('b', lines));
    await appendEvents(join(root, 'a'), lines, [progress(4), progress(5)]);
    const late = await stream.find(events('a', lines + 2));
    expect(
      (late.data as EventsMessage).events.map((event) => (event as { step: number }).step),
    ).toContain(5);
    const changed = await stream.find(
      ({ event, data }) => event === 'rows' && !(data as RowsMessage).whole,
    );
    expect((changed.data as RowsMessage).rows.map(({ id }) => id)).toEqual(['a']);
    expect(dashboard.clients()).toBe(1);
    stream.close();
    await expect.poll(() => dashboard.clients()).toBe(0);
  });

  it('follows many runs at once', async () => {
    const root = await temporaryFolder();
    const names = Array.from({ length: 60 }, (_, i) => `run-${i}`);
    const lines = await Promise.all(names.map((name) => makeRun(join(root, name))));
    const dashboard = await start(root);
    const stream = await StreamReader.open(
      `${dashboard.url}api/stream?${names.map((name) => `run=${name}`).join('&')}`,
    );
    for (const [i, name] of names.entries()) await stream.find(events(name, lines[i]!));
    for (const [i, name] of names.entries())
      await appendEvents(join(root, name), lines[i]!, [progress(4)]);
    for (const [i, name] of names.entries()) await stream.find(events(name, lines[i]! + 1));
    stream.close();
    await expect.poll(() => dashboard.clients()).toBe(0);
  });

  it('does not count clients that have left', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'a'));
    const dashboard = await start(root);
    for (let i = 0; i < 300; i++)
      expect((await ask(dashboard.port, '/api/stream?run=a', {}, 'HEAD')).status).toBe(405);
    // Some disconnect before they get a response.
    const left = Array.from({ length: 40 }, async () => {
      const socket = connect(dashboard.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`GET /api/stream?run=a HTTP/1.1\r\nHost: 127.0.0.1:${dashboard.port}\r\n\r\n`);
      socket.destroy();
    });
    await Promise.all(left);
    await expect.poll(() => dashboard.clients()).toBe(0);
    const stream = await StreamReader.open(`${dashboard.url}api/stream?run=a`);
    await stream.find(events('a', 5));
    expect(dashboard.clients()).toBe(1);
  });

  it('resumes after Last-Event-ID, even after a restart of the server', async () => {
    const root = await temporaryFolder();
    const lines = await makeRun(join(root, 'a'), { steps: 50 });
    const first = await start(root);
    const before = await StreamReader.open(`${first.url}api/stream?run=a`);
    const { id } = await before.find(events('a', lines));
    await first.close();
    await appendEvents(join(root, 'a'), lines, [progress(51)]);
    const second = await start(root);
    const after = await StreamReader.open(`${second.url}api/stream?run=a`, { 'last-event-id': id });
    const message = await after.find(events('a', lines + 1));
    expect(message.data).toMatchObject({ from: lines, next: lines + 1 });
    // The version of the table starts again, so the whole table is sent.
    expect((await after.find(({ event }) => event === 'rows')).data).toMatchObject({ whole: true });
  });

  it('reports when a log starts again, and when a run is gone', async () => {
    const root = await temporaryFolder();
    const lines = await makeRun(join(root, 'a'), { steps: 20 });
    const dashboard = await start(root);
    const stream = await StreamReader.open(`${dashboard.url}api/stream?run=a`);
    await stream.find(events('a', lines));
    await truncate(join(root, 'a', 'events.jsonl'), 10);
    await stream.find(({ event }) => event === 'reset');
    await rm(join(root, 'a'), { recursive: true });
    await stream.find(
      ({ event, data }) => event === 'rows' && (data as RowsMessage).removed.includes('a'),
    );
  });

  it('starts from the beginning for an invalid id', async () => {
    const root = await temporaryFolder();
    const lines = await makeRun(join(root, 'a'));
    const dashboard = await start(root);
    for (const id of ['', 'x', '1.2.3.4.5', 'b.-1.0', `b.0.${'9'.repeat(40)}`]) {
      const stream = await StreamReader.open(`${dashboard.url}api/stream?run=a`, {
        'last-event-id': id,
      });
      expect((await stream.find(events('a', lines))).data).toMatchObject({ from: 0 });
      stream.close();
    }
  });
});

describe('the security of the server', () => {
  it('answers only to its own names', async () => {
    const root = await temporaryFolder();
    const { port } = await start(root);
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `[::1]:${port}`,
      `LOCALHOST:${port}`,
    ]) {
      expect([host, (await ask(port, '/api/runs', { host })).status]).toEqual([host, 200]);
    }
    for (const host of [
      `evil.example:${port}`,
      'localhost',
      `localhost:${port + 1}`,
      `localhost.evil.example:${port}`,
      `127.0.0.1:${port}@evil.example`,
      `192.168.0.1:${port}`,
    ]) {
      // Node itself rejects what is not a host name.
      expect([400, 403]).toContain((await ask(port, '/api/runs', { host })).status);
    }
    const nameless = connect(port, '127.0.0.1').end('GET /api/runs HTTP/1.0\r\n\r\n');
    const [answer] = (await once(nameless, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 40[03] /);
  });

  it('rejects requests from other sites', async () => {
    const root = await temporaryFolder();
    const { port } = await start(root);
    for (const origin of [
      'http://evil.example',
      'null',
      `http://localhost:${port}`,
      `https://127.0.0.1:${port}`,
    ]) {
      expect((await ask(port, '/api/runs', { origin })).status).toBe(403);
    }
    expect((await ask(port, '/api/runs', { origin: `http://127.0.0.1:${port}` })).status).toBe(200);
    expect(
      (
        await ask(port, '/api/runs', {
          'sec-fetch-site': 'cross-site',
          'sec-fetch-mode': 'no-cors',
        })
      ).status,
    ).toBe(403);
    expect(
      (await ask(port, '/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }))
        .status,
    ).toBe(200);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'TRACE'])
      expect((await ask(port, '/api/runs', {}, method)).status).toBe(405);
    expect((await ask(port, '/api/runs', {}, 'POST')).status).toBe(404);
  });

  it('sends its content policy with every response, including rejections', async () => {
    const root = await temporaryFolder();
    const { port } = await start(root);
    for (const [path, host] of [
      ['/', undefined],
      ['/api/runs', undefined],
      ['/nothing', undefined],
      ['/', 'evil.example'],
    ] as const) {
      const { headers } = await ask(port, path, host ? { host } : {});
      expect(headers['content-security-policy']).toMatch(
        /default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'/,
      );
      expect(headers['content-security-policy']).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('lets no path leave the runs folder', async () => {
    const parent = await temporaryFolder();
    const root = join(parent, 'runs');
    await writeFile(join(parent, 'secret.json'), '"secret"');
    await makeRun(join(parent, 'outside'));
    await writeFile(
      join(parent, 'outside', 'predictions', 'small-seed0-resize@64.jsonl'),
      'secret\n',
    );
    await makeRun(join(root, 'a'));
    await symlink(join(parent, 'outside'), join(root, 'linked'));
    await symlink(
      join(parent, 'secret.json'),
      join(root, 'a', 'predictions', 'small-seed0-resize@64.jsonl'),
    );
    await rm(join(root, 'a', 'models'), { recursive: true });
    await symlink(parent, join(root, 'a', 'models'));
    await mkdir(join(parent, 'small-seed0'));
    await writeFile(join(parent, 'small-seed0', 'model.json'), '"secret"');
    await rm(join(root, 'a', 'environment.json'));
    await symlink(join(parent, 'secret.json'), join(root, 'a', 'environment.json'));
    const { port } = await start(root);
    const tries = [
      '/../secret.json',
      '/%2e%2e/secret.json',
      '/..%2fsecret.json',
      '/%252e%252e%252fsecret.json',
      '/assets/../../package.json',
      '/assets/..%2f..%2f..%2fpackage.json',
      '/api/runs/..%2foutside',
      '/api/runs/a%2f..%2f..%2foutside',
      '/api/runs/..%5coutside',
      '/api/runs/%2e%2e%2foutside/curves',
      '/api/runs/linked',
      '/api/runs/linked/predictions/small-seed0-resize@64.jsonl',
      '/api/runs/a/predictions/small-seed0-resize@64.jsonl',
      '/api/runs/a/predictions/..%2fconfig.json',
      '/api/runs/a/predictions/..%2f..%2f..%2foutside%2fpredictions%2fsmall-seed0-resize@64.jsonl',
      '/api/runs/a/models/small-seed0/model.json',
      '/api/runs/a/models/..%2f/config.json',
      '/api/runs/a/models/small-seed0/..%2f..%2fconfig.json',
      `/api/runs/a/images/x.jsonl?id=${encodeURIComponent('../../secret.json')}`,
      '/api/runs/a%00',
      '/api/runs/__proto__',
      '/api/runs/%ff',
    ];
    for (const path of tries) {
      const { status, text } = await ask(port, path);
      expect([path, status]).toEqual([path, 404]);
      expect(text).not.toContain('secret');
    }
    expect((await ask(port, '/api/runs/a')).text).not.toContain('secret');
  });

  it('limits what it receives and what it follows', async () => {
    const root = await temporaryFolder();
    const { port } = await start(root);
    expect((await ask(port, `/api/stream?${'run=a&'.repeat(101)}`)).status).toBe(400);
    expect((await ask(port, `/${'a'.repeat(100_000)}`)).status).toBe(431);
  });

  it('requires a token if others can reach it', async () => {
    const root = await temporaryFolder();
    await expect(startDashboard({ runs: root, host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'bad-option',
    });
    await expect(startDashboard({ runs: root, token: 'short' })).rejects.toMatchObject({
      code: 'bad-option',
    });
    await expect(startDashboard({ runs: join(root, 'nothing') })).rejects.toMatchObject({
      code: 'not-found',
    });
    const token = 'correct-horse-battery';
    const { port, url } = await start(root, { host: '0.0.0.0', token });
    expect(url).toBe(`http://localhost:${port}/?token=${token}`);
    for (const path of [
      '/',
      '/api/runs',
      '/?token=wrong',
      '/api/stream',
      `/api/runs?token=${token}`,
    ]) {
      expect([path, (await ask(port, path)).status]).toEqual([path, 401]);
    }
    expect((await ask(port, '/api/runs', { authorization: `Bearer ${token}` })).status).toBe(200);
    const opened = await ask(port, `/?token=${token}`);
    expect([opened.status, opened.headers.location]).toEqual([303, '/']);
    const [cookie] = opened.headers['set-cookie'] as string[];
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await ask(port, '/api/runs', { cookie: cookie!.split(';')[0]! })).status).toBe(200);
    // Any address of the machine, but no name, because a name could be made to point to it.
    expect(
      (await ask(port, '/api/runs', { host: `10.1.2.3:${port}`, authorization: `Bearer ${token}` }))
        .status,
    ).toBe(200);
    expect(
      (
        await ask(port, '/api/runs', {
          host: `evil.example:${port}`,
          authorization: `Bearer ${token}`,
        })
      ).status,
    ).toBe(403);
  });

  it('uses another port if the default one is in use, and reports an error if the given one is', async () => {
    const root = await temporaryFolder();
    const { port } = await start(root);
    await expect(startDashboard({ runs: root, port })).rejects.toMatchObject({
      code: 'port-in-use',
    });
  });
});
