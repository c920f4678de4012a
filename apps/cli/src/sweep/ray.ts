import { fieldsOf } from '@fixres/runs';
import { shellCommand } from '@fixres/runs/node';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { type Backend, type JobState, trialCommand } from './backend.ts';
import type { Submission } from './sweep-plan.ts';

/** Where Ray's dashboard listens by default. */
const RAY_ADDRESS = 'http://127.0.0.1:8265';

/** Milliseconds to wait for an answer. */
const PATIENCE = 30_000;

/** Requests at a time. */
const AT_ONCE = 8;

/**
 * One Ray job for each trial, through the REST interface of Ray's dashboard. Ray starts as many jobs
 * at a time as their CPUs and GPUs allow.
 */
export const ray: Backend = {
  describe: (submission, folder) =>
    submission.trials
      .map((_, i) => JSON.stringify(jobOf(submission, folder, i)))
      .join('\n'),
  async submit(submission, folder) {
    await forEach(submission, async (i) => {
      await call(submission, { method: 'POST', path: '', body: jobOf(submission, folder, i) });
    });
  },
  async pending(submission) {
    const pending = new Map<string, JobState>();
    await forEach(submission, async (i, trial) => {
      const { status } = fieldsOf(await call(submission, { path: idOf(submission, i) }));
      if (status === 'PENDING') pending.set(trial, 'queued');
      if (status === 'RUNNING') pending.set(trial, 'running');
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
  const { job, trials } = submission;
  const { cpus = 1, gpus } = job;
  return {
    submission_id: idOf(submission, index),
    entrypoint: shellCommand(trialCommand({ job, trials: [trials[index]!] }, folder), 'linux'),
    entrypoint_num_cpus: cpus,
    ...(gpus !== undefined && { entrypoint_num_gpus: gpus }),
    runtime_env: { env_vars: { TF_NUM_INTRAOP_THREADS: String(cpus) } },
    metadata: { sweep: folder, trial: trials[index]! },
  };
}

async function forEach(
  { trials }: Submission,
  work: (index: number, trial: string) => Promise<void>,
): Promise<void> {
  const queue = trials.entries();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [i, trial] of queue) await work(i, trial);
    }),
  );
}

interface Call {
  method?: 'GET' | 'POST';
  /** Below `/api/jobs/`. */
  path: string;
  body?: object;
}

/** @returns undefined for a job that Ray does not know */
async function call({ job }: Submission, { method = 'GET', path, body }: Call): Promise<unknown> {
  const { rayAddress = RAY_ADDRESS } = job;
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(`${rayAddress.replace(/\/$/, '')}/api/jobs/${path}`, {
      method,
      signal: AbortSignal.timeout(PATIENCE),
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    text = await answer.text();
  } catch (cause) {
    const { message, cause: reason } = cause as Error & { cause?: Error };
    throw failed(`Ray at ${rayAddress} cannot be reached: ${reason?.message ?? message}`);
  }
  if (answer.status === 404 && path !== '') return undefined;
  const short = text.trim().split('\n').at(-1)!.slice(0, 300);
  if (!answer.ok) throw failed(`Ray at ${rayAddress} answers ${answer.status}: ${short}`);
  try {
    return JSON.parse(text);
  } catch {
    throw failed(`Ray at ${rayAddress} answers what is not JSON: ${short}`);
  }
}

function failed(message: string): ExitError {
  return new ExitError(exitCodes.failed, `error: ${message}`);
}
