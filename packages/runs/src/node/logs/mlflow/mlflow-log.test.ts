import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { resize, shortSideCrop } from '@fixres/data';
import { fakeMlflow } from '@fixres/testing';
import { expect, it, onTestFinished } from 'vitest';
import {
  parseEvents,
  type RunEvent,
  type RunEventInput,
  settledEvents,
} from '../../../events/events.ts';
import {
  provisionalPolicy,
  sizeChoice,
  withChosenSizes,
} from '../../../experiment/measured-size.ts';
import type { RunConfig } from '../../../experiment/run-config.ts';
import { MlflowLog } from './mlflow-log.ts';
import { mlflowServer } from './mlflow-server.ts';

const TOKEN = 'secret';
const engine = { name: 'cpu', device: 'cpu', reason: '', versions: {} };
const config = {
  dataset: { source: 'photos' },
  logs: ['mlflow'],
  command: `fixres run ${'long '.repeat(2000)}`,
  experiment: {
    batchSize: 4,
    arms: [
      { name: 'small', epochs: 2 },
      { name: 'b@1', epochs: 1 },
    ],
  },
} as unknown as RunConfig;
const summary = {
  arms: [
    {
      name: 'b@1',
      evaluations: [{ policy: 'resize', size: 32, accuracy: 0.5, ci95: [0.25, 0.75] }],
    },
  ],
  comparisons: [],
};

/** A run folder whose events are sent, as by a session. */
class Session {
  log: MlflowLog | undefined;
  n = 0;
  readonly warnings: string[] = [];
  readonly run: string;
  readonly uri: string;
  readonly config: RunConfig;

  constructor(run: string, uri: string, settings: RunConfig = config) {
    this.config = settings;
    this.run = run;
    this.uri = uri;
  }

  get file(): string {
    return join(this.run, 'events.jsonl');
  }

  async emit(input: RunEventInput): Promise<void> {
    const time = new Date(1_700_000_000_000 + this.n * 1000).toISOString();
    const event: RunEvent = { n: this.n++, time, ...input };
    await appendFile(this.file, `${JSON.stringify(event)}\n`);
    this.log?.onEvent(event);
  }

  async open(): Promise<void> {
    this.log = new MlflowLog({
      run: this.run,
      server: mlflowServer({
        MLFLOW_TRACKING_URI: this.uri,
        MLFLOW_TRACKING_TOKEN: TOKEN,
        MLFLOW_EXPERIMENT_NAME: 'photos é',
      }),
      config: this.config,
      earlier: parseEvents(await readFile(this.file, 'utf8')),
      onWarning: (message) => this.warnings.push(message),
    });
  }

  async start(arm: string, epochs: number, from?: { epoch: number; step: number }): Promise<void> {
    await this.emit({
      type: 'arm-start',
      arm,
      seed: 0,
      epochs,
      stepsPerEpoch: 3,
      trainableParameters: 1,
      ...(from && { from }),
    });
  }

  /** One epoch of three steps. */
  async train(arm: string, epoch: number): Promise<void> {
    for (const step of [1, 2, 3]) {
      await this.emit({
        ...{ type: 'progress', phase: 'train', arm, seed: 0, epochs: 2, epoch, step, steps: 3 },
        ...{
          loss: 1 / (this.n + 1),
          accuracy: 0.5,
          learningRate: 0.1,
          imagesPerSecond: 1,
          stall: 0,
        },
        ...{ etaSeconds: 0, rssMb: 1, tensors: 1 },
      });
    }
    await this.emit({
      ...{ type: 'epoch', arm, seed: 0, epoch, loss: 1 / this.n, accuracy: 0.5 },
      ...{ heldOutAccuracy: this.n / 100, seconds: 1, imagesPerSecond: 1, tensors: 1 },
    });
  }
}

async function get<T>(uri: string, path: string): Promise<T> {
  const answer = await fetch(`${uri}/api/2.0/${path}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  return (await answer.json()) as T;
}

interface StoredRun {
  run: {
    info: { status: string; run_name: string };
    data: {
      params: { key: string; value: string }[];
      tags: { key: string; value: string }[];
      metrics: { key: string; value: number }[];
    };
  };
}

/** A run that crashes within an arm, is interrupted, and finishes. */
async function crashAndResume(uri: string, onCrash: () => void = () => undefined): Promise<void> {
  const run = await mkdtemp(join(tmpdir(), 'fixres-mlflow-'));
  onTestFinished(() => rm(run, { recursive: true, force: true }));
  await writeFile(join(run, 'events.jsonl'), '');
  await writeFile(join(run, 'config.json'), JSON.stringify(config));
  const session = new Session(run, uri);
  await session.emit({
    type: 'run-start',
    format: 1,
    engine,
    dataset: { name: '', classes: [], train: 1, heldOut: 1, skipped: 0 },
    config,
  });
  await session.open();
  await session.start('small', 2);
  await session.train('small', 0);
  await session.emit({ type: 'checkpoint', arm: 'small', seed: 0, epoch: 1, step: 0, seconds: 0 });
  const saved = session.n - 1;
  const sent = async (): Promise<number> =>
    (JSON.parse(await readFile(join(run, 'mlflow.json'), 'utf8')) as { sent: number }).sent;
  // It is written after the first numbers were sent.
  await expect.poll(() => sent().catch(() => 0)).toBe(saved);
  await session.train('small', 1);
  // What is not saved is lost, also from the state of the log.
  await session.emit({ type: 'run-failed', message: 'out of memory' });
  await session.log!.close();
  session.log = undefined;
  const state = JSON.parse(await readFile(join(run, 'mlflow.json'), 'utf8')) as {
    runs: Record<string, { id: string }>;
  };
  const statuses = (): Promise<string[]> =>
    Promise.all(
      Object.values(state.runs).map(async ({ id }) => {
        const { run: stored } = await get<StoredRun>(uri, `mlflow/runs/get?run_id=${id}`);
        return stored.info.status;
      }),
    );
  expect(await statuses()).toEqual(['FAILED', 'FAILED']);
  await writeFile(join(run, 'mlflow.json'), JSON.stringify({ ...state, runs: {}, sent: -1 }));
  await session.emit({ type: 'run-resumed', engine, after: saved });
  onCrash();
  await session.open();
  await session.start('small', 2, { epoch: 1, step: 0 });
  await session.train('small', 1);
  await session.emit({ type: 'checkpoint', arm: 'small', seed: 0, epoch: 2, step: 0, seconds: 0 });
  await session.emit({ type: 'run-interrupted' });
  await session.log!.close();
  expect(await statuses()).toEqual(['KILLED', 'KILLED']);

  await session.emit({ type: 'run-resumed', engine, after: session.n - 1 });
  await session.open();
  await session.start('small', 2, { epoch: 2, step: 0 });
  await session.emit({
    type: 'evaluation',
    arm: 'small',
    seed: 0,
    policy: 'resize',
    size: 32,
    correct: 3,
    total: 4,
  });
  await session.emit({ type: 'arm-end', arm: 'small', seed: 0, trainSeconds: 1, peakRssMb: 1 });
  await session.start('b@1', 1);
  await session.train('b@1', 0);
  await session.emit({ type: 'arm-end', arm: 'b@1', seed: 0, trainSeconds: 1, peakRssMb: 1 });
  await writeFile(join(run, 'summary.json'), JSON.stringify(summary));
  await writeFile(join(run, 'report.html'), '"report"');
  await session.emit({ type: 'run-end', seconds: 1 });
  await session.log!.close();
  expect(session.warnings).toEqual([]);

  const { runs } = JSON.parse(await readFile(join(run, 'mlflow.json'), 'utf8')) as typeof state;
  expect(Object.keys(runs)).toEqual(['', 'small-seed0', 'b@1-seed0']);
  expect(runs).toMatchObject(state.runs);
  const parent = runs['']!.id;
  const settled = settledEvents(parseEvents(await readFile(session.file, 'utf8')));
  for (const arm of ['small', 'b@1']) {
    const { id } = runs[`${arm}-seed0`]!;
    const { run: stored } = await get<StoredRun>(uri, `mlflow/runs/get?run_id=${id}`);
    expect(stored.info).toMatchObject({ status: 'FINISHED', run_name: `${arm}-seed0` });
    expect(stored.data.tags).toContainEqual({ key: 'mlflow.parentRunId', value: parent });
    expect(stored.data.params).toEqual(
      expect.arrayContaining([
        { key: 'arm', value: arm },
        { key: 'epochs', value: arm === 'small' ? '2' : '1' },
        { key: 'batchSize', value: '4' },
      ]),
    );
    const history = async (key: string): Promise<unknown[]> => {
      // The server leaves out an empty list, and in version 3.4 without a maximum any list.
      const { metrics = [] } = await get<{
        metrics?: { step: number; value: number; timestamp: number }[];
      }>(
        uri,
        `mlflow/metrics/get-history?run_id=${id}&metric_key=${encodeURIComponent(key)}&max_results=1000`,
      );
      return metrics.map(({ step, value, timestamp }) => [step, value, timestamp]);
    };
    const steps = settled.filter((event) => event.type === 'progress' && event.arm === arm);
    expect(await history('train/loss')).toEqual(
      steps.map(
        (event) =>
          event.type === 'progress' && [
            event.epoch * 3 + event.step,
            event.loss,
            Date.parse(event.time),
          ],
      ),
    );
    const epochs = settled.filter((event) => event.type === 'epoch' && event.arm === arm);
    expect(await history('epoch/held_out_accuracy')).toEqual(
      epochs.map(
        (event) =>
          event.type === 'epoch' && [
            event.epoch * 3 + 3,
            event.heldOutAccuracy,
            Date.parse(event.time),
          ],
      ),
    );
    if (arm === 'small')
      expect(
        (await history('test/resize_32/accuracy')).map((point) => (point as number[])[1]),
      ).toEqual([0.75]);
  }
  const { run: stored } = await get<StoredRun>(uri, `mlflow/runs/get?run_id=${parent}`);
  expect(stored.info.status).toBe('FINISHED');
  const numbers = Object.fromEntries(stored.data.metrics.map(({ key, value }) => [key, value]));
  expect(numbers).toEqual({
    'b_1/resize_32/accuracy': 0.5,
    'b_1/resize_32/accuracy_ci95_low': 0.25,
    'b_1/resize_32/accuracy_ci95_high': 0.75,
  });
  const { artifactUri } = runs[''] as unknown as { artifactUri: string };
  const folder = artifactUri.replace('mlflow-artifacts:/', '');
  expect(await get(uri, `mlflow-artifacts/artifacts/${folder}/summary.json`)).toEqual(summary);
  expect(await get(uri, `mlflow-artifacts/artifacts/${folder}/report.html`)).toBe('report');
}

it('sends every number once, through crashes, interruptions and failures of the server', async () => {
  const server = await fakeMlflow(TOKEN);
  onTestFinished(server.close);
  server.next.push('unavailable');
  await crashAndResume(server.uri, () => server.next.push('lost', 'unavailable'));
  expect(server.refused).toEqual([]);
});

it('sends the same to a server of MLflow', { tags: 'python-mlflow' }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-mlflow-server-'));
  const port = await freePort();
  const python = process.env.FIXRES_PYTHON_MLFLOW!;
  const server = spawn(
    python,
    [
      '-m',
      'mlflow',
      'server',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--workers',
      '1',
      '--backend-store-uri',
      'sqlite:///mlflow.db',
      '--artifacts-destination',
      'artifacts',
    ],
    { cwd: folder, stdio: 'ignore', detached: true },
  );
  onTestFinished(async () => {
    process.kill(-server.pid!, 'SIGKILL');
    await sleep(200);
    await rm(folder, { recursive: true, force: true });
  });
  const uri = `http://127.0.0.1:${port}`;
  const isHealthy = (): Promise<boolean> =>
    fetch(`${uri}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  // Two minutes on a busy machine.
  await expect.poll(isHealthy, { interval: 500 }).toBe(true);
  await crashAndResume(uri);
});

it('sends the settings that a measured size determines when it is chosen', async () => {
  const server = await fakeMlflow(TOKEN);
  onTestFinished(server.close);
  const run = await mkdtemp(join(tmpdir(), 'fixres-mlflow-'));
  onTestFinished(() => rm(run, { recursive: true, force: true }));
  await writeFile(join(run, 'events.jsonl'), '');
  const candidates = [32, 48].map((size) => ({
    trainPolicy: resize(size),
    testPolicy: shortSideCrop(size),
  }));
  const provisional = provisionalPolicy(shortSideCrop(48));
  const small = { name: 'small', epochs: 1, trainPolicy: resize(32), testPolicy: resize(32) };
  const tuned = {
    ...{ name: 'tuned', epochs: 1, trainPolicy: provisionalPolicy(resize(48)) },
    ...{ testPolicy: provisional, measuredSize: { candidates } },
  };
  const equal = { name: 'equal', cost: { equalTo: 'tuned' }, steps: 9 };
  const settings = {
    experiment: {
      batchSize: 4,
      arms: [small, tuned, equal],
      evaluations: [resize(32), provisional],
    },
  } as unknown as RunConfig;
  const session = new Session(run, server.uri, settings);
  await session.open();
  await session.emit({
    type: 'run-start',
    format: 1,
    engine,
    dataset: { name: '', classes: [], train: 1, heldOut: 1, skipped: 0 },
    config: settings,
  });
  await session.start('small', 1);
  const params = async (): Promise<Record<string, Record<string, string>>> => {
    const { runs } = JSON.parse(await readFile(join(run, 'mlflow.json'), 'utf8')) as {
      runs: Record<string, { id: string }>;
    };
    const ofRuns = Object.entries(runs).map(async ([key, { id }]) => {
      const { run: stored } = await get<StoredRun>(server.uri, `mlflow/runs/get?run_id=${id}`);
      return [key, Object.fromEntries(stored.data.params.map((each) => [each.key, each.value]))];
    });
    return Object.fromEntries(await Promise.all(ofRuns)) as Awaited<ReturnType<typeof params>>;
  };
  await expect.poll(async () => Object.keys(await params().catch(() => ({})))).toHaveLength(2);
  const known = { batchSize: '4', 'small.testPolicy': 'resize@32' };
  const before = await params();
  expect(before['']).toMatchObject({ ...known, 'tuned.epochs': '1' });
  for (const key of ['evaluations', 'tuned.trainPolicy', 'tuned.testPolicy', 'equal.steps'])
    expect(before['']).not.toHaveProperty([key]);
  expect(before['small-seed0']).not.toHaveProperty('evaluations');

  const choice = sizeChoice(
    { from: 'small', seed: 0, images: 9 },
    candidates.map((each, i) => ({ ...each, correct: i })),
  );
  settings.experiment = withChosenSizes(
    settings.experiment,
    new Map([['tuned', choice]]),
  ) as RunConfig['experiment'];
  await session.emit({ type: 'size-chosen', arm: 'tuned', ...choice });
  await session.emit({ type: 'arm-end', arm: 'small', seed: 0, trainSeconds: 1, peakRssMb: 1 });
  await session.start('tuned', 1);
  await session.log!.close();
  expect([session.warnings, server.refused]).toEqual([[], []]);
  const after = await params();
  const chosen = { evaluations: 'resize@32, shortSideCrop@48' };
  expect(after['']).toMatchObject({
    ...{ ...known, ...chosen },
    ...{ 'tuned.trainPolicy': 'resize@48', 'tuned.testPolicy': 'shortSideCrop@48' },
  });
  expect(after['small-seed0']).toMatchObject(chosen);
  expect(after['tuned-seed0']).toMatchObject({ ...chosen, testPolicy: 'shortSideCrop@48' });
});

it('warns once if there is no server, and ends', async () => {
  const run = await mkdtemp(join(tmpdir(), 'fixres-mlflow-'));
  onTestFinished(() => rm(run, { recursive: true, force: true }));
  await writeFile(join(run, 'events.jsonl'), '');
  const session = new Session(run, `http://127.0.0.1:${await freePort()}`);
  await session.emit({ type: 'run-interrupted' });
  await session.open();
  await session.log!.close();
  expect(session.warnings).toEqual([
    expect.stringMatching(
      /^Log mlflow cannot write to http:\S+: connect ECONNREFUSED .*\. The run continues/,
    ),
  ]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
