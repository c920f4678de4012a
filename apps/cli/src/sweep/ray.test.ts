import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ray } from './ray.ts';
import type { Submission } from './sweep-plan.ts';

interface FakeRay {
  address: string;
  jobs: Map<string, { status: string; body: Record<string, unknown> }>;
}

/** The job interface of Ray's dashboard, as its REST reference describes it. */
async function fakeRay(): Promise<FakeRay> {
  const jobs: FakeRay['jobs'] = new Map();
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const answer = (status: number, body: unknown): void => {
        response.statusCode = status;
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      };
      if (Object.keys(request.headers).some((name) => name.startsWith('sec-fetch-'))) {
        answer(405, `'${request.method}' method not allowed for browser traffic.`);
        return;
      }
      const [, id = '', action] = /^\/api\/jobs\/([^/]*)(?:\/(\w+))?$/.exec(request.url!) ?? [];
      const job = jobs.get(id);
      if (request.method === 'POST' && id === '') {
        const body = JSON.parse(text) as Record<string, unknown>;
        const name = String(body.submission_id);
        if (jobs.has(name)) {
          answer(500, `Traceback\nValueError: Job with submission_id ${name} already exists.\n`);
          return;
        }
        jobs.set(name, { status: 'PENDING', body });
        answer(200, { job_id: name, submission_id: name });
      } else if (job === undefined) answer(404, `Job ${id} does not exist`);
      else if (request.method === 'POST' && action === 'stop') {
        job.status = 'STOPPED';
        answer(200, { stopped: true });
      } else answer(200, { submission_id: id, status: job.status });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, jobs };
}

function submissionTo(rayAddress: string): Submission {
  return {
    name: 'fixres-1a2b',
    on: 'ray',
    job: { program: ['node', 'fixres.js'], cpus: 2, gpus: 1, rayAddress },
    trials: ['small@0', 'small@1', 'large@0'],
    time: '',
  };
}

describe('ray', () => {
  it('submits a job for each trial, follows it and stops it', async () => {
    const { address, jobs } = await fakeRay();
    const submission = submissionTo(`${address}/`);
    await ray.submit(submission, '/shared/my sweep');
    expect([...jobs.keys()].sort()).toEqual(['fixres-1a2b-0', 'fixres-1a2b-1', 'fixres-1a2b-2']);
    expect(jobs.get('fixres-1a2b-1')!.body).toEqual({
      submission_id: 'fixres-1a2b-1',
      entrypoint: "exec node fixres.js sweep trial '/shared/my sweep' small@1",
      entrypoint_num_cpus: 2,
      entrypoint_num_gpus: 1,
      runtime_env: { env_vars: { TF_NUM_INTRAOP_THREADS: '2', RAY_JOB_STOP_WAIT_TIME_S: '60' } },
      metadata: { sweep: '/shared/my sweep', trial: 'small@1' },
    });
    jobs.get('fixres-1a2b-0')!.status = 'SUCCEEDED';
    jobs.get('fixres-1a2b-1')!.status = 'RUNNING';
    expect(await ray.pending(submission)).toEqual(
      new Map([
        ['small@1', 'running'],
        ['large@0', 'queued'],
      ]),
    );
    await ray.cancel(submission);
    expect(await ray.pending(submission)).toEqual(new Map());
  });

  it('takes jobs that Ray does not know as ended', async () => {
    const { address } = await fakeRay();
    const submission = submissionTo(address);
    expect(await ray.pending(submission)).toEqual(new Map());
    await ray.cancel(submission);
  });

  it('reports a refusal, an answer that is not JSON, and no answer in one line', async () => {
    const { address } = await fakeRay();
    const submission = submissionTo(address);
    await ray.submit(submission, '/s');
    await expect(ray.submit(submission, '/s')).rejects.toThrow(
      /^error: Ray at \S+ answers 500: ValueError: Job with submission_id \S+ already exists\.$/,
    );
    const page = createServer((_, response) => response.end('<html>'));
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    const other = submissionTo(`http://127.0.0.1:${(page.address() as AddressInfo).port}`);
    await expect(ray.pending(other)).rejects.toThrow(
      /^error: Ray at \S+ answers what is not JSON: <html>$/,
    );
    page.closeAllConnections();
    await new Promise((resolve) => page.close(resolve));
    await expect(ray.pending(other)).rejects.toThrow(
      /^error: Ray at \S+ cannot be reached: .*ECONNREFUSED/,
    );
  });
});
