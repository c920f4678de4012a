import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { fieldsOf } from '@fixres/runs';
import { shellCommand } from '@fixres/runs/node';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { type Backend, jobCommand, jobsOf, type JobState } from './backend.ts';
import type { Submission } from './sweep-plan.ts';

/** Where Ray's dashboard listens by default. */
const RAY_ADDRESS = 'http://127.0.0.1:8265';

/** Milliseconds to wait for an answer. */
const PATIENCE = 30_000;

/** Requests at a time. */
const AT_ONCE = 8;

/** Seconds that Ray waits before it kills a stopped job; 3 by default, in which not every trial saves its state. */
const STOP_SECONDS = 60;

/**
 * One Ray job for each trial, through the REST interface of Ray's dashboard. Ray starts as many jobs
 * at a time as their CPUs and GPUs allow.
 */
export const ray: Backend = {
  note: (submission) =>
    jobsOf(submission).length > 1
      ? 'Ray fails a job that waits longer than 15 minutes for its CPUs, unless "ray start" had RAY_JOB_START_TIMEOUT_SECONDS. "fixres sweep resume" submits it again.'
      : undefined,
  describe: (submission, folder) =>
    jobsOf(submission)
      .map((_, i) => JSON.stringify(jobOf(submission, folder, i)))
      .join('\n'),
  async submit(submission, folder) {
    await forEach(submission, async (i) => {
      await call(submission, { method: 'POST', path: '', body: jobOf(submission, folder, i) });
    });
  },
  async pending(submission) {
    const pending = new Map<string, JobState>();
    await forEach(submission, async (i, job) => {
      const { status } = fieldsOf(await call(submission, { path: idOf(submission, i) }));
      if (status === 'PENDING') pending.set(job, 'queued');
      if (status === 'RUNNING') pending.set(job, 'running');
    });
    return pending;
  },
  async cancel(submission) {
    await forEach(submission, async (i) => {
      await call(submission, { method: 'POST', path: `${idOf(submission, i)}/stop` });
    });
  },
};

function idOf({ name }: Submission, index: number): string {
  return `${name}-${index}`;
}

function jobOf(submission: Submission, folder: string, index: number): object {
  const { cpus = 1, gpus } = submission.job;
  const name = jobsOf(submission)[index]!;
  return {
    submission_id: idOf(submission, index),
    // In place of the shell: Ray signals the processes that it sees when it stops a job, and a shell that has just
    // started has not started the trial yet.
    entrypoint: `exec ${shellCommand(jobCommand(submission, folder, [name]), 'linux')}`,
    entrypoint_num_cpus: cpus,
    ...(gpus !== undefined && { entrypoint_num_gpus: gpus }),
    runtime_env: {
      env_vars: {
        TF_NUM_INTRAOP_THREADS: String(cpus),
        RAY_JOB_STOP_WAIT_TIME_S: String(STOP_SECONDS),
      },
    },
    metadata: { sweep: folder, [submission.workers === undefined ? 'trial' : 'worker']: name },
  };
}

async function forEach(
  submission: Submission,
  work: (index: number, job: string) => Promise<void>,
): Promise<void> {
  const queue = jobsOf(submission).entries();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [i, job] of queue) await work(i, job);
    }),
  );
}

interface Call {
  method?: 'GET' | 'POST';
  /** Below `/api/jobs/`. */
  path: string;
  body?: object | undefined;
}

/** @returns undefined for a job that Ray does not know */
async function call({ job }: Submission, { method = 'GET', path, body }: Call): Promise<unknown> {
  const { rayAddress = RAY_ADDRESS } = job;
  let answer: { status: number; text: string };
  try {
    const url = new URL(`${rayAddress.replace(/\/$/, '')}/api/jobs/${path}`);
    answer = await exchange(url, { method, body });
  } catch (cause) {
    throw failed(`Ray at ${rayAddress} cannot be reached: ${(cause as Error).message}`);
  }
  const { status, text } = answer;
  if (status === 404 && path !== '') return undefined;
  const short = text.trim().split('\n').at(-1)!.slice(0, 300);
  if (status !== 200) throw failed(`Ray at ${rayAddress} answers ${status}: ${short}`);
  try {
    return JSON.parse(text);
  } catch {
    throw failed(`Ray at ${rayAddress} answers what is not JSON: ${short}`);
  }
}

/**
 * Sends a request. Not by `fetch`: Node's adds the header `sec-fetch-mode`, and Ray refuses what
 * looks like a browser.
 */
async function exchange(
  url: URL,
  { method, body }: Required<Pick<Call, 'method'>> & Pick<Call, 'body'>,
): Promise<{ status: number; text: string }> {
  const send = url.protocol === 'https:' ? requestSecurely : request;
  const sent = send(url, {
    method,
    // A kept connection can be closed by Ray just before the next request.
    agent: false,
    signal: AbortSignal.timeout(PATIENCE),
    headers: { 'content-type': 'application/json' },
  });
  sent.end(body && JSON.stringify(body));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
  return { status: answer.statusCode ?? 0, text };
}

function failed(message: string): ExitError {
  return new ExitError(exitCodes.failed, `error: ${message}`);
}
