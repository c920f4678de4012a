import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Policy } from '@fixres/data';
import type { ModelCard } from '@fixres/models';
import { saveModelFolder, writeAside } from '@fixres/models/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from '../errors.ts';
import type { Predictions } from '../evaluate.ts';
import { parseEvents, type RunEvent, type RunEventInput, type Summary } from '../events.ts';
import { evaluationKey } from '../experiment.ts';
import { syncFolder } from './durable.ts';
import { RunLock } from './run-lock.ts';

/** What the images of a run's predictions are called. */
export interface PredictionNames {
  /** `<class>/<file>` of each held-out image. */
  ids: readonly string[];
  classNames: readonly string[];
}

/**
 * The folder of a run: `config.json`, `environment.json`, `events.jsonl` (grows while it runs), `checkpoints/`, `predictions/*.jsonl`,
 * `models/<arm>-seed<n>/`, and `summary.json`, which is written last: a folder without it holds no finished run. `lock` is there while
 * a process writes to it.
 */
export class RunFolder {
  readonly path: string;
  readonly #lock: RunLock;
  readonly #log: number;
  #events: number;

  private constructor(path: string, lock: RunLock, events: number) {
    this.path = path;
    this.#lock = lock;
    this.#events = events;
    this.#log = openSync(join(path, 'events.jsonl'), 'a');
  }

  /**
   * Makes the folder. Close it when done. What was prepared for the run may be in it: the experiment it is made from (`experiment.json`)
   * and what its process prints (`output.log`).
   *
   * @throws FixresRunnerError `run-exists` when there is something in it already, `run-locked`
   */
  static async create(path: string, config: unknown, environment: unknown): Promise<RunFolder> {
    await mkdir(path, { recursive: true });
    if ((await readdir(path)).some((name) => !isPreparedFile(name))) {
      throw new FixresRunnerError('run-exists', `Run folder "${path}" is not empty. Choose another with --out, or remove it.`);
    }
    const lock = await RunLock.acquire(join(path, 'lock'));
    await writeJson(path, 'config.json', config);
    await writeJson(path, 'environment.json', environment);
    for (const name of ['predictions', 'models', 'checkpoints']) await mkdir(join(path, name));
    return new RunFolder(path, lock, 0);
  }

  /**
   * Opens the folder of a run that was broken off, to go on with it. An event that was half written is removed from the log.
   *
   * @throws FixresRunnerError `bad-run` when there is no run, or when it is finished; `run-locked`
   */
  static async reopen(path: string): Promise<{ folder: RunFolder; config: unknown; events: RunEvent[] }> {
    const config = await readJson(path, 'config.json');
    const lock = await RunLock.acquire(join(path, 'lock'));
    try {
      // Not before: whoever had the lock may just have finished it.
      if (await stat(join(path, 'summary.json')).catch(() => undefined)) {
        throw new FixresRunnerError('bad-run', `Run folder "${path}" holds a finished run; there is nothing to go on with.`);
      }
      const events = mendEvents(join(path, 'events.jsonl'));
      for (const name of ['predictions', 'models', 'checkpoints']) await mkdir(join(path, name), { recursive: true });
      await removePartials(path);
      return { folder: new RunFolder(path, lock, events.length), config, events };
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Number of the latest event, -1 when there is none. */
  get lastEvent(): number {
    return this.#events - 1;
  }

  /**
   * Appends an event, numbered and dated. Written at once, so that a crash loses nothing that happened before it.
   *
   * @throws FixresRunnerError `write-failed`; the log is then as it was
   */
  append(input: RunEventInput): RunEvent {
    const event = { n: this.#events, time: new Date().toISOString(), ...input };
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    const before = fstatSync(this.#log).size;
    try {
      for (let written = 0; written < line.length; ) written += writeSync(this.#log, line, written);
      if (event.type === 'checkpoint' || event.type === 'arm-end') fsyncSync(this.#log);
    } catch (cause) {
      ftruncateSync(this.#log, before);
      throw writeFailed(this.path, 'events.jsonl', cause);
    }
    this.#events += 1;
    return event;
  }

  /** Writes `predictions/<arm>-seed<n>-<policy>@<size>.jsonl`: one line an image. */
  async writePredictions(arm: string, seed: number, policy: Policy, predictions: Predictions, names: PredictionNames): Promise<void> {
    const { probabilities, classes, labels } = predictions;
    const lines = names.ids.map((file, i) => {
      const row = Array.from(probabilities.subarray(i * classes, (i + 1) * classes), (p) => Number(p.toPrecision(6)));
      return JSON.stringify({ file, label: names.classNames[labels[i]!], probabilities: row });
    });
    const file = join(this.path, 'predictions', `${arm}-seed${seed}-${evaluationKey(policy)}.jsonl`);
    await this.#writing(file, () => writeAside(file, `${lines.join('\n')}\n`));
  }

  /** Saves a trained model and its card as the model folder `models/<arm>-seed<n>/`, instead of one that an interrupted session left. */
  async writeModel(arm: string, seed: number, model: LayersModel, card: ModelCard): Promise<void> {
    const target = join(this.path, 'models', `${arm}-seed${seed}`);
    await rm(target, { recursive: true, force: true });
    await this.#writing(target, async () => {
      await saveModelFolder(model, target, card);
      await syncFolder(target);
    });
  }

  async writeSummary(summary: Summary): Promise<void> {
    await this.#writing('summary.json', () => writeJson(this.path, 'summary.json', summary));
  }

  /** Lets others write to the folder. */
  async close(): Promise<void> {
    closeSync(this.#log);
    await this.#lock.release();
  }

  async #writing(what: string, work: () => Promise<void>): Promise<void> {
    await work().catch((cause: unknown) => {
      throw writeFailed(this.path, what, cause);
    });
  }
}

/** Whether a file may lie in a run's folder before the run is made there. */
export function isPreparedFile(name: string): boolean {
  return name === 'experiment.json' || name === 'output.log';
}

/** The error of a run whose folder cannot be written. */
export function writeFailed(run: string, what: string, cause: unknown): FixresRunnerError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reasons: Partial<Record<string, string>> = {
    ENOSPC: 'no space is left on the disk',
    EDQUOT: 'the disk quota is used up',
    EFBIG: 'the file would be larger than allowed',
  };
  const reason = reasons[code ?? ''] ?? message;
  const advice = 'The checkpoints written before are whole: make room, then go on with "fixres resume".';
  return new FixresRunnerError('write-failed', `Run folder "${run}" cannot be written: ${reason} (${what}). ${advice}`, { cause });
}

/** Cuts off an event that was half written, and ends the last line. */
function mendEvents(file: string): RunEvent[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const events = parseEvents(text);
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  return events.slice(0, whole.split('\n').length - 1);
}

/** What a crash left of files and folders that were being written aside. */
async function removePartials(path: string): Promise<void> {
  for (const name of await readdir(path, { recursive: true })) {
    // A lock's is that of a process that is trying now.
    if (name.endsWith('.partial') && !name.startsWith('lock.')) await rm(join(path, name), { recursive: true, force: true });
  }
}

async function readJson(path: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(path, name), 'utf8')) as unknown;
  } catch (cause) {
    throw new FixresRunnerError('bad-run', `Folder "${path}" holds no run: its ${name} cannot be read.`, { cause });
  }
}

async function writeJson(path: string, name: string, value: unknown): Promise<void> {
  await writeAside(join(path, name), `${JSON.stringify(value, null, 2)}\n`);
}
