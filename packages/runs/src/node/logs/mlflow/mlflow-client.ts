import type { MlflowServer } from './mlflow-server.ts';

/** States of a run that a client sets. */
export type MlflowStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface MlflowMetric {
  key: string;
  value: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  step: number;
}

export interface MlflowEntry {
  key: string;
  value: string;
}

export interface MlflowRun {
  id: string;
  /** Where the server keeps files of the run. */
  artifactUri: string;
}

interface NewMlflowRun {
  experimentId: string;
  name: string;
  /** Milliseconds since 1970. */
  startTime: number;
  tags: MlflowEntry[];
}

/** A request that failed. */
export class MlflowFailure extends Error {
  override readonly name = 'MlflowFailure';
  /** Whether the same request may succeed later. */
  readonly isTemporary: boolean;
  /** MLflow's name of the error. */
  readonly errorCode: string | undefined;

  constructor(
    message: string,
    { isTemporary, errorCode }: { isTemporary: boolean; errorCode?: string | undefined },
  ) {
    super(message);
    this.isTemporary = isTemporary;
    this.errorCode = errorCode;
  }
}

/** Milliseconds until a request without an answer has failed. */
const TIMEOUT = 30_000;

/** Answers after which MLflow's own client tries again. */
const TEMPORARY = new Set([408, 429, 500, 502, 503, 504]);

/** Entries that `runs/log-batch` accepts at once. */
export const METRICS_PER_BATCH = 1000;
const PARAMS_PER_BATCH = 100;

interface MlflowRequest {
  method: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array<ArrayBuffer>;
}

/** Protocol buffers write long whole numbers as text; not every version of MLflow does. */
interface Answer {
  experiment?: { experiment_id: string };
  experiment_id?: string;
  run?: {
    info: { run_id: string; artifact_uri: string };
    data?: { metrics?: { key: string; step: number | string }[] };
  };
  runs?: { info: { run_id: string; artifact_uri: string } }[];
  error_code?: string;
  message?: string;
}

/**
 * The REST interface of MLflow (https://mlflow.org/docs/latest/rest-api.html). All methods throw
 * {@link MlflowFailure}.
 */
export class MlflowClient {
  readonly #server: MlflowServer;
  readonly #signal: AbortSignal;

  /** @param signal cancels the current request, and all later ones */
  constructor(server: MlflowServer, signal: AbortSignal) {
    this.#server = server;
    this.#signal = signal;
  }

  /** The id of the experiment, which is created if there is none of its name. */
  async experimentId(): Promise<string> {
    const { experiment } = this.#server;
    if ('id' in experiment) return experiment.id;
    const { name } = experiment;
    try {
      return await this.#experimentOf(name);
    } catch (error) {
      if (!hasCode(error, 'RESOURCE_DOES_NOT_EXIST')) throw error;
    }
    try {
      const { experiment_id: id } = await this.#post('experiments/create', { name });
      return required(id, 'experiments/create');
    } catch (error) {
      // Another program was faster.
      if (!hasCode(error, 'RESOURCE_ALREADY_EXISTS')) throw error;
      return await this.#experimentOf(name);
    }
  }

  async #experimentOf(name: string): Promise<string> {
    const { experiment } = await this.#call(
      `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`,
      { method: 'GET' },
    );
    return required(experiment?.experiment_id, 'experiments/get-by-name');
  }

  /** The run with a tag; undefined if there is none. @param value without quotation marks */
  async findRun(experimentId: string, { key, value }: MlflowEntry): Promise<MlflowRun | undefined> {
    const { runs } = await this.#post('runs/search', {
      experiment_ids: [experimentId],
      filter: `tags.\`${key}\` = '${value}'`,
      max_results: 1,
    });
    const [found] = runs ?? [];
    return found && runOf(found);
  }

  async createRun({ experimentId, name, startTime, tags }: NewMlflowRun): Promise<MlflowRun> {
    const { run } = await this.#post('runs/create', {
      experiment_id: experimentId,
      run_name: name,
      start_time: startTime,
      tags,
    });
    return runOf(required(run, 'runs/create'));
  }

  /** The latest step of each metric that the server has. */
  async latestSteps(id: string): Promise<Map<string, number>> {
    const { run } = await this.#call(`runs/get?run_id=${encodeURIComponent(id)}`, {
      method: 'GET',
    });
    const { metrics = [] } = required(run, 'runs/get').data ?? {};
    return new Map(metrics.map(({ key, step }) => [key, Number(step)]));
  }

  async logParams(id: string, params: readonly MlflowEntry[]): Promise<void> {
    for (let i = 0; i < params.length; i += PARAMS_PER_BATCH)
      await this.#post('runs/log-batch', {
        run_id: id,
        params: params.slice(i, i + PARAMS_PER_BATCH),
      });
  }

  /** @param metrics at most {@link METRICS_PER_BATCH} */
  async logMetrics(id: string, metrics: readonly MlflowMetric[]): Promise<void> {
    await this.#post('runs/log-batch', { run_id: id, metrics });
  }

  /** @param endTime milliseconds since 1970; not for a run that is running */
  async updateRun(id: string, status: MlflowStatus, endTime?: number): Promise<void> {
    await this.#post('runs/update', { run_id: id, status, end_time: endTime });
  }

  /** Uploads a file, if the server stores files for its clients. */
  async upload(run: MlflowRun, name: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
    const [, folder] = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/.exec(run.artifactUri) ?? [];
    if (folder === undefined) return;
    const path = `${folder}/${name}`.split('/').map(encodeURIComponent).join('/');
    await this.#request(`api/2.0/mlflow-artifacts/artifacts/${path}`, {
      method: 'PUT',
      headers: { 'content-type': name.endsWith('.html') ? 'text/html' : 'application/json' },
      body: content,
    });
  }

  async #post(path: string, body: unknown): Promise<Answer> {
    return this.#call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #call(path: string, init: MlflowRequest): Promise<Answer> {
    const text = await this.#request(`api/2.0/mlflow/${path}`, init);
    const answer = answerOf(text);
    if (answer === undefined) {
      const message = `the answer to ${path} is not MLflow's: ${JSON.stringify(text.slice(0, 80))}`;
      throw new MlflowFailure(message, { isTemporary: false });
    }
    return answer;
  }

  async #request(path: string, init: MlflowRequest): Promise<string> {
    const { uri, authorization } = this.#server;
    const headers = { ...init.headers, ...(authorization && { authorization }) };
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT)]);
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(`${uri}/${path}`, { ...init, headers, signal });
      text = await answer.text();
    } catch (error) {
      throw new MlflowFailure(reasonOf(error as Error), { isTemporary: true });
    }
    if (answer.ok) return text;
    const { error_code: errorCode, message = answer.statusText } = answerOf(text) ?? {};
    throw new MlflowFailure(`status ${answer.status}: ${message}`, {
      isTemporary: TEMPORARY.has(answer.status),
      errorCode,
    });
  }
}

/** Why there is no answer. `fetch` states it in the cause, which has only a code if several addresses were tried. */
function reasonOf({ name, message, cause }: Error & { cause?: unknown }): string {
  if (name === 'TimeoutError' || name === 'AbortError') return 'no answer';
  if (!(cause instanceof Error)) return message;
  return cause.message === '' ? ((cause as NodeJS.ErrnoException).code ?? message) : cause.message;
}

/** Whether MLflow named the error so. */
function hasCode(error: unknown, code: string): boolean {
  return error instanceof MlflowFailure && error.errorCode === code;
}

function answerOf(text: string): Answer | undefined {
  try {
    const answer = JSON.parse(text) as unknown;
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}

function required<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new MlflowFailure(`the answer to ${what} is incomplete`, { isTemporary: false });
}

function runOf({ info }: NonNullable<Answer['run']>): MlflowRun {
  return { id: info.run_id, artifactUri: info.artifact_uri };
}
