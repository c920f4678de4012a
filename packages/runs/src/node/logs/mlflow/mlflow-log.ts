import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLost, type RunEvent, type Summary } from '../../../events/events.ts';
import type { RunConfig } from '../../../experiment/run-config.ts';
import { armFolderName, type ArmOfSeed } from '../../../file-names.ts';
import { wholeLines } from '../../files/read-lines.ts';
import type { RunLog } from '../run-log.ts';
import {
  METRICS_PER_BATCH,
  MlflowClient,
  type MlflowEntry,
  MlflowFailure,
  type MlflowMetric,
  type MlflowRun,
  type MlflowStatus,
} from './mlflow-client.ts';
import {
  armParams,
  type ArmSteps,
  eventMetrics,
  experimentParams,
  summaryMetrics,
} from './mlflow-entries.ts';
import type { MlflowServer } from './mlflow-server.ts';
import { type MlflowState, readMlflowState, writeMlflowState } from './mlflow-state.ts';

export interface MlflowLogOptions {
  /** The run folder. Its `events.jsonl` is sent. */
  run: string;
  server: MlflowServer;
  /** Receives the choices of measured sizes before the event `size-chosen`. */
  config: RunConfig;
  /** Events so far, including the latest `run-start` or `run-resumed`. */
  earlier: readonly RunEvent[];
  /** Receives at most one warning. */
  onWarning: (message: string) => void;
}

/** Files of a finished run that are uploaded. */
const ARTIFACTS = ['summary.json', 'report.html', 'config.json'];

/** Milliseconds between two tries: the first pause, and the longest. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;

/** Failures in a row before the user is warned: a server may restart. */
const TRIES_BEFORE_WARNING = 3;

/** Milliseconds that the end of a session waits for the server. */
const LONGEST_END = 5000;

/** Tag that identifies a run at the server, whichever session created it. */
const ID_TAG = 'fixres.id';

/** The name of the run of the whole experiment in the state. */
const PARENT = '';

/**
 * Sends a run to an MLflow server: a parent run for the experiment, with one nested run for each
 * arm and seed.
 *
 * The events are read back from `events.jsonl`, so a server that does not answer costs no memory. A
 * checkpoint releases the metrics before it: MLflow cannot remove the metrics of work that is lost
 * in a crash and repeated. Before metrics are sent again, the server is asked for its latest steps,
 * so none is there twice.
 *
 * Nothing here stops or delays the training; `close` waits a few seconds for the server.
 */
export class MlflowLog implements RunLog {
  readonly #options: MlflowLogOptions;
  readonly #resumed: (RunEvent & { type: 'run-resumed' })[];
  readonly #stop = new AbortController();
  readonly #client: MlflowClient;
  /** Ends the current pause. */
  #hurry = new AbortController();
  #state: MlflowState | undefined;
  /** Number of the latest event whose work is saved, with all before it. */
  #saved = -1;
  /** Position in the file: bytes that were read. */
  #offset = 0;
  /** The arm of the events at that position. */
  #arm: { key: string; steps: ArmSteps } | undefined;
  /** The latest steps that the server has, by run and metric. Absent: to be asked for. */
  readonly #latest = new Map<string, Map<string, number>>();
  /** How the session ended, until the server has it. */
  #ending: { status: 'FAILED' | 'KILLED'; time: number } | undefined;
  #working: Promise<void> | undefined;
  #isAwake = false;
  #isClosing = false;
  #hasWarned = false;

  constructor(options: MlflowLogOptions) {
    this.#options = options;
    this.#client = new MlflowClient(options.server, this.#stop.signal);
    this.#resumed = options.earlier.filter((event) => event.type === 'run-resumed');
    const last = options.earlier.at(-1);
    if (last) this.#release(last.n);
  }

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'checkpoint':
      case 'arm-start':
      case 'run-end':
        // An arm is saved only after its end; the next event of these states that it is.
        this.#release(event.n);
        return;
      case 'run-failed':
      case 'run-interrupted': {
        const status = event.type === 'run-failed' ? 'FAILED' : 'KILLED';
        this.#ending = { status, time: Date.parse(event.time) };
        this.#wake();
        return;
      }
      default:
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#hurry.abort();
    const deadline = setTimeout(() => this.#stop.abort(), LONGEST_END);
    try {
      await this.#working;
    } finally {
      clearTimeout(deadline);
    }
  }

  #release(saved: number): void {
    this.#saved = saved;
    this.#wake();
  }

  #wake(): void {
    this.#isAwake = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Sends until there is nothing more, or until the server refuses. */
  async #work(): Promise<void> {
    for (let failures = 0; this.#isAwake && !this.#stop.signal.aborted;) {
      this.#isAwake = false;
      try {
        await this.#send();
        failures = 0;
      } catch (error) {
        failures += 1;
        // It may have arrived although no answer did.
        this.#latest.clear();
        this.#isAwake = true;
        const isRefused = error instanceof MlflowFailure && !error.isTemporary;
        if (isRefused) this.#stop.abort();
        else await this.#pause(failures);
        const { aborted: isOver } = this.#stop.signal as { aborted: boolean };
        if (isOver || failures >= TRIES_BEFORE_WARNING) this.#warn(error as Error);
      }
    }
  }

  async #pause(failures: number): Promise<void> {
    const longest = this.#isClosing ? FIRST_PAUSE : LONGEST_PAUSE;
    const pause = Math.min(FIRST_PAUSE * 2 ** (failures - 1), longest);
    this.#hurry = new AbortController();
    const signal = this.#isClosing ? this.#stop.signal : this.#hurry.signal;
    // Some randomness, so that many runs do not return to a server at the same moment.
    await sleep(pause * (0.5 + Math.random() / 2), undefined, {
      signal,
      ref: this.#isClosing,
    }).catch(() => undefined);
  }

  #warn({ message }: Error): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const { server, onWarning } = this.#options;
    try {
      onWarning(
        `Log mlflow cannot write to ${server.uri}: ${message}. The run continues, and its log is kept in the run folder.`,
      );
    } catch {
      // The run's own log cannot be written; the run fails at its next event.
    }
  }

  async #send(): Promise<void> {
    const { run, server } = this.#options;
    const state = (this.#state ??= await readMlflowState(run, server));
    if (state.experimentId === undefined) {
      // The id is stored before it is used, so that a run is found again.
      await writeMlflowState(run, state);
      state.experimentId = await this.#client.experimentId();
    }
    await this.#sendEvents(state);
    await this.#sendEnding(state);
  }

  async #sendEvents(state: MlflowState): Promise<void> {
    let metrics: MlflowMetric[] = [];
    /** All events up to this position and number are in `metrics`, or sent. */
    let [offset, n] = [this.#offset, state.sent];
    const flush = async (): Promise<void> => {
      if (this.#arm && metrics.length > 0) await this.#sendMetrics(state, this.#arm.key, metrics);
      metrics = [];
      this.#offset = offset;
      if (n <= state.sent) return;
      state.sent = n;
      await writeMlflowState(this.#options.run, state);
    };
    for await (const { event, bytes } of loggedEvents(this.#options.run, offset)) {
      if (event.n > this.#saved) break;
      const isNew = event.n > state.sent && !this.#isLost(event);
      if (isNew && !hasMetrics(event)) await flush();
      if (event.type === 'arm-start') this.#arm = armOf(event);
      if (isNew) metrics.push(...(await this.#entries(state, event)));
      if (event.type === 'arm-end') this.#arm = undefined;
      offset += bytes;
      n = Math.max(n, event.n);
      if (metrics.length >= METRICS_PER_BATCH) await flush();
    }
    await flush();
  }

  /** Does what an event requires. @returns metrics of the current arm to be sent */
  async #entries(state: MlflowState, event: RunEvent): Promise<MlflowMetric[]> {
    const time = Date.parse(event.time);
    switch (event.type) {
      case 'run-start':
      case 'run-resumed':
        await this.#begin(state, { key: PARENT, time });
        return [];
      case 'arm-start':
        await this.#begin(state, { key: armFolderName(event), of: event, time });
        return [];
      case 'size-chosen': {
        // The configuration has the choices of all arms now, and the sizes were not sent before.
        const first = { arm: event.from, seed: event.seed };
        await this.#sendParams(state, { key: PARENT });
        await this.#sendParams(state, { key: armFolderName(first), of: first });
        return [];
      }
      case 'arm-end':
        await this.#update(state, armFolderName(event), { status: 'FINISHED', time });
        return [];
      case 'run-end':
        await this.#finish(state, event.time);
        return [];
      default:
        return this.#arm ? eventMetrics(event, this.#arm.steps) : [];
    }
  }

  /** Creates a run, or continues one that an earlier session created. */
  async #begin(
    state: MlflowState,
    { key, of, time }: { key: string; of?: ArmOfSeed; time: number },
  ): Promise<void> {
    if (!Object.hasOwn(state.runs, key)) {
      state.runs[key] = await this.#find(state, { key, of, time });
      await writeMlflowState(this.#options.run, state);
    }
    await this.#update(state, key, { status: 'RUNNING' });
  }

  async #find(
    state: MlflowState,
    { key, of, time }: { key: string; of: ArmOfSeed | undefined; time: number },
  ): Promise<MlflowRun> {
    const { config, run } = this.#options;
    const experimentId = state.experimentId!;
    const tag: MlflowEntry = { key: ID_TAG, value: of ? `${state.id}/${key}` : state.id };
    const created =
      (await this.#client.findRun(experimentId, tag)) ??
      (await this.#client.createRun({
        experimentId,
        name: of ? key : basename(resolve(run)),
        startTime: time,
        tags: [
          tag,
          { key: 'mlflow.source.name', value: 'fixres' },
          ...(of ? [{ key: 'mlflow.parentRunId', value: state.runs[PARENT]!.id }] : []),
        ],
      }));
    await this.#client.logParams(created.id, runParams(config, of));
    return created;
  }

  /** Sends the settings of a run again: those that it has are the same. */
  async #sendParams(
    { runs }: MlflowState,
    { key, of }: { key: string; of?: ArmOfSeed },
  ): Promise<void> {
    if (Object.hasOwn(runs, key))
      await this.#client.logParams(runs[key]!.id, runParams(this.#options.config, of));
  }

  async #finish(state: MlflowState, time: string): Promise<void> {
    const { run } = this.#options;
    const summary = JSON.parse(await readFile(join(run, 'summary.json'), 'utf8')) as Summary;
    await this.#sendMetrics(state, PARENT, summaryMetrics(summary, time));
    for (const name of ARTIFACTS)
      await this.#client.upload(state.runs[PARENT]!, name, await readFile(join(run, name)));
    await this.#update(state, PARENT, { status: 'FINISHED', time: Date.parse(time) });
  }

  async #sendEnding(state: MlflowState): Promise<void> {
    const ending = this.#ending;
    if (ending === undefined || !Object.hasOwn(state.runs, PARENT)) return;
    const key = this.#arm?.key;
    if (key !== undefined && Object.hasOwn(state.runs, key)) await this.#update(state, key, ending);
    await this.#update(state, PARENT, ending);
    this.#ending = undefined;
  }

  async #update(
    state: MlflowState,
    key: string,
    { status, time }: { status: MlflowStatus; time?: number },
  ): Promise<void> {
    const run = state.runs[key];
    if (run) await this.#client.updateRun(run.id, status, time);
  }

  /** Sends those that the server does not have. */
  async #sendMetrics(
    { runs }: MlflowState,
    key: string,
    metrics: readonly MlflowMetric[],
  ): Promise<void> {
    const run = runs[key];
    if (run === undefined) return;
    const latest = this.#latest.get(key) ?? (await this.#client.latestSteps(run.id));
    const missing = metrics.filter(({ key: name, step }) => step > (latest.get(name) ?? -1));
    for (let i = 0; i < missing.length; i += METRICS_PER_BATCH)
      await this.#client.logMetrics(run.id, missing.slice(i, i + METRICS_PER_BATCH));
    for (const { key: name, step } of missing) latest.set(name, step);
    this.#latest.set(key, latest);
  }

  #isLost(event: RunEvent): boolean {
    return this.#resumed.some((resumed) => event.n < resumed.n && isLost(event, resumed));
  }
}

function runParams(config: RunConfig, of: ArmOfSeed | undefined): MlflowEntry[] {
  return of ? armParams(config, of) : experimentParams(config);
}

function armOf(event: RunEvent & { type: 'arm-start' }): { key: string; steps: ArmSteps } {
  const { epochs, stepsPerEpoch, steps = epochs * stepsPerEpoch } = event;
  return { key: armFolderName(event), steps: { perEpoch: stepsPerEpoch, total: steps } };
}

function hasMetrics({ type }: RunEvent): boolean {
  return type === 'progress' || type === 'epoch' || type === 'evaluation';
}

/** The events in a run's log from a position on, with their lengths. */
async function* loggedEvents(
  run: string,
  start: number,
): AsyncGenerator<{ event: RunEvent; bytes: number }> {
  for await (const lines of wholeLines(join(run, 'events.jsonl'), start)) {
    for (const line of lines)
      yield { event: JSON.parse(line) as RunEvent, bytes: Buffer.byteLength(line) + 1 };
  }
}
