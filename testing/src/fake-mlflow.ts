import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface Metric {
  key: string;
  value: number;
  timestamp: number;
  step: number;
}

interface FakeMlflowRun {
  info: {
    run_id: string;
    run_name: string;
    status: string;
    artifact_uri: string;
    end_time?: number;
  };
  data: {
    metrics: Metric[];
    params: { key: string; value: string }[];
    tags: { key: string; value: string }[];
  };
}

/** A tracking server in memory, which refuses what MLflow's documentation does not allow. */
interface FakeMlflow {
  uri: string;
  /** Requests that it refused, in words. */
  refused: string[];
  /** Answers the next requests in another way: `unavailable` does nothing, `lost` does what is asked but breaks the connection. */
  next: ('unavailable' | 'lost')[];
  /** A run by its id, with all points of its metrics. */
  stored: (id: string) => FakeMlflowRun;
  close: () => Promise<void>;
}

const FIELDS: Record<string, Record<string, string>> = {
  'experiments/create': { name: 'string' },
  'runs/search': { experiment_ids: 'object', filter: 'string', max_results: 'number' },
  'runs/create': {
    experiment_id: 'string',
    run_name: 'string',
    start_time: 'number',
    tags: 'object',
  },
  'runs/log-batch': { run_id: 'string', metrics: 'object?', params: 'object?' },
  'runs/update': { run_id: 'string', status: 'string', end_time: 'number?' },
};
const KEY = /^[\w\-./ ]{1,250}$/;

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

function check(holds: boolean, message: string): void {
  if (!holds) throw new Refusal(400, 'INVALID_PARAMETER_VALUE', message);
}

/** @param token that requests must have */
export async function fakeMlflow(token: string): Promise<FakeMlflow> {
  const runs: FakeMlflowRun[] = [];
  const files = new Map<string, string>();
  const experiments: string[] = [];
  const refused: string[] = [];
  const next: FakeMlflow['next'] = [];

  const runOf = (id: unknown): FakeMlflowRun => {
    const run = runs.find(({ info }) => info.run_id === id);
    if (!run) throw new Refusal(404, 'RESOURCE_DOES_NOT_EXIST', `no run ${String(id)}`);
    return run;
  };
  const latest = ({ info, data }: FakeMlflowRun): FakeMlflowRun => ({
    info,
    data: {
      ...data,
      metrics: data.metrics.filter(({ key, step }) =>
        data.metrics.every((other) => other.key !== key || other.step <= step),
      ),
    },
  });

  function answer(request: IncomingMessage, body: string): unknown {
    const url = new URL(request.url!, 'http://server');
    if (request.headers.authorization !== `Bearer ${token}`)
      throw new Refusal(401, 'UNAUTHENTICATED', 'no token');
    const file = /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/(.+)$/.exec(url.pathname)?.[1];
    if (file !== undefined) {
      if (request.method === 'PUT') files.set(file, body);
      return request.method === 'PUT' ? {} : JSON.parse(files.get(file) ?? 'null');
    }
    const path = url.pathname.replace('/api/2.0/mlflow/', '');
    const query = url.searchParams;
    if (request.method === 'GET') {
      if (path === 'experiments/get-by-name') {
        const i = experiments.indexOf(query.get('experiment_name')!);
        if (i < 0) throw new Refusal(404, 'RESOURCE_DOES_NOT_EXIST', 'no experiment');
        return { experiment: { experiment_id: String(i) } };
      }
      if (path === 'runs/get') return { run: latest(runOf(query.get('run_id'))) };
      check(path === 'metrics/get-history', `GET ${path}`);
      const { metrics } = runOf(query.get('run_id')).data;
      return { metrics: metrics.filter(({ key }) => key === query.get('metric_key')) };
    }
    check(request.method === 'POST' && path in FIELDS, `${request.method} ${path}`);
    check(body.length <= 1_000_000, 'more than 1 MB');
    const content = JSON.parse(body) as Record<string, unknown>;
    for (const [name, type] of Object.entries(FIELDS[path]!)) {
      const isAllowed =
        content[name] === undefined
          ? type.endsWith('?')
          : typeof content[name] === type.replace('?', '');
      check(isAllowed, `${path}: ${name}`);
    }
    check(
      Object.keys(content).every((name) => name in FIELDS[path]!),
      `${path}: fields`,
    );
    return act(path, content);
  }

  function act(path: string, content: Record<string, unknown>): unknown {
    if (path === 'experiments/create') {
      return { experiment_id: String(experiments.push(content.name as string) - 1) };
    }
    if (path === 'runs/search') {
      const [, key, value] = /^tags\.`([^`]+)` = '([^']+)'$/.exec(content.filter as string) ?? [];
      check(key !== undefined, 'filter');
      return {
        runs: runs.filter(({ data }) =>
          data.tags.some((tag) => tag.key === key && tag.value === value),
        ),
      };
    }
    if (path === 'runs/create') {
      const id = `run${runs.length}`;
      const run: FakeMlflowRun = {
        info: {
          run_id: id,
          run_name: content.run_name as string,
          status: 'RUNNING',
          artifact_uri: `mlflow-artifacts:/0/${id}/artifacts`,
        },
        data: { metrics: [], params: [], tags: content.tags as FakeMlflowRun['data']['tags'] },
      };
      runs.push(run);
      return { run };
    }
    const { info, data } = runOf(content.run_id);
    if (path === 'runs/update') {
      check(
        ['RUNNING', 'FINISHED', 'FAILED', 'KILLED'].includes(content.status as string),
        'status',
      );
      Object.assign(info, { status: content.status, end_time: content.end_time ?? info.end_time });
      return { run_info: info };
    }
    const { metrics = [], params = [] } = content as Partial<FakeMlflowRun['data']>;
    check(metrics.length <= 1000 && params.length <= 100, 'size of the batch');
    for (const { key, value, timestamp, step } of metrics) {
      check(KEY.test(key) && Number.isFinite(value), `metric ${key}`);
      check(Number.isSafeInteger(timestamp) && Number.isSafeInteger(step), `time of ${key}`);
    }
    for (const { key, value } of params) {
      const known = data.params.find((param) => param.key === key);
      check(KEY.test(key) && value.length <= 6000, `param ${key}`);
      check(known === undefined || known.value === value, `changed ${key}`);
      if (!known) data.params.push({ key, value });
    }
    // Unlike the store in a database, that in files keeps equal metrics twice.
    data.metrics.push(...metrics);
    return {};
  }

  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const special = next.shift();
      if (special === 'unavailable') return response.writeHead(503).end('busy');
      try {
        const content = JSON.stringify(answer(request, body));
        return special === 'lost' ? request.socket.destroy() : response.end(content);
      } catch (error) {
        const { status, code, message } = error as Refusal;
        if (status !== 404) refused.push(message);
        return response.writeHead(status).end(JSON.stringify({ error_code: code, message }));
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused,
    next,
    stored: runOf,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
