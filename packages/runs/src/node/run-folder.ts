import { copyFile, mkdir, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Policy } from '@fixres/data';
import { FixresRunsError } from '../errors.ts';
import type { Predictions } from '../metrics/predictions.ts';
import type { RunEvent, RunEventInput, Summary } from '../events/events.ts';
import { evaluationKey } from '../experiment/experiment.ts';
import { fieldsOf } from '../fields.ts';
import { armFolderName, predictionsFileName } from '../file-names.ts';
import { AppendFile } from './files/append-file.ts';
import { CheckpointFolder, type SavedWork } from './checkpoints/checkpoint-folder.ts';
import { syncFolder, syncPath } from './files/durable.ts';
import { readLines } from './files/read-lines.ts';
import { isOfLock, RunLock } from './lock/run-lock.ts';
import { writeAside } from './files/write-aside.ts';
import { reading, writing, writingWhileThere } from './files/write-failed.ts';

/** What a line of predictions says about its image. */
type PredictionLabel =
  | { label: string }
  | {
      labels: string[];
      /** Whether exactly these reached their thresholds. */
      exact: boolean;
    };

/** Names of the images of a run's predictions. */
export interface PredictionNames {
  /** `<class>/<file>` of each held-out image. */
  ids: readonly string[];
  classNames: readonly string[];
}

/** A run that was interrupted. */
export interface ReopenedRun {
  folder: RunFolder;
  config: unknown;
  /** Undefined if it is missing or damaged. */
  environment: unknown;
  events: RunEvent[];
  saved: SavedWork;
  /** Warnings about what was found. */
  warnings: string[];
}

/**
 * Digits that distinguish every float32 from its neighbours, so that the most probable class is the
 * same for every reader of the file.
 */
const FLOAT32_DIGITS = 9;

/**
 * The folder of a run: `environment.json`, `config.json`, `events.jsonl` (grows during the run),
 * `checkpoints/`, `predictions/*.jsonl`, `models/<arm>-seed<n>/`, and `summary.json`, which is
 * written last: without it, the run is not finished; without `config.json`, it has not started.
 * `lock` exists while a process writes to the folder.
 */
export class RunFolder {
  readonly path: string;
  readonly #lock: RunLock;
  readonly #log: AppendFile;
  #events: number;

  private constructor(path: string, lock: RunLock, events: number) {
    this.path = path;
    this.#lock = lock;
    this.#events = events;
    this.#log = new AppendFile(path, join(path, 'events.jsonl'));
  }

  /**
   * Creates the folder. Close it when done. It may contain anything that {@link isFreeForRun}
   * allows.
   *
   * @throws FixresRunsError `run-exists` if it contains anything else, `run-locked`, `write-failed`
   */
  static async create(path: string, config: unknown, environment: unknown): Promise<RunFolder> {
    const begin = <T>(what: string, work: () => Promise<T>): Promise<T> =>
      writing({ run: path, what, isNew: true }, work);
    await begin('folder', () => mkdir(path, { recursive: true }));
    refuseUsed(path, await readdir(path));
    const lock = await begin('lock', () => RunLock.acquire(join(path, 'lock')));
    try {
      // Check again, because the previous owner of the lock may have started a run.
      refuseUsed(path, await readdir(path));
      await begin('leftovers', () => removePartials(path));
      try {
        await begin('environment.json', () => writeJson(path, 'environment.json', environment));
        await syncPath(path);
        // Last: with it, the run can be resumed. Without it, the folder counts as empty.
        await begin('config.json', () => writeJson(path, 'config.json', config));
      } catch (error) {
        await rm(join(path, 'environment.json'), { force: true });
        throw error;
      }
      await makeFolders(path);
      return new RunFolder(path, lock, 0);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /**
   * Opens the folder of an interrupted run to resume it. An incomplete last event is removed from
   * the log; if other lines are damaged, the log is kept as `events.damaged.jsonl` and continues
   * without them. If the run was interrupted after its summary, the remaining work is done.
   *
   * @throws FixresRunsError `bad-run` if there is no run, or if it is finished; `run-locked`,
   * `read-failed`, `write-failed`
   */
  static async reopen(path: string): Promise<ReopenedRun> {
    const notARun = (name: string): string =>
      `Folder "${path}" is not a run: its ${name} cannot be read.`;
    const config = await readJson(path, 'config.json', notARun);
    const lock = await writing({ run: path, what: 'lock' }, () =>
      RunLock.acquire(join(path, 'lock')),
    );
    let folder: RunFolder | undefined;
    try {
      await writing({ run: path, what: 'leftovers' }, () => removePartials(path));
      const { events, warnings } = await repairEvents(path);
      const saved = await new CheckpointFolder(join(path, 'checkpoints'), {
        lastEvent: () => -1,
      }).survey(events);
      const last = events.at(-1)?.n ?? -1;
      if (saved.after > last) {
        warnings.push(
          'events.jsonl of the run is missing or incomplete: the saved state is of event ' +
            `${saved.after}, the last event in the log is ${last < 0 ? 'none' : last}. Epochs in ` +
            'between are not shown.',
        );
      }
      for (const { arm, seed, after } of saved.again) {
        const what = after < 0 ? 'it is trained again' : 'it resumes from an intact checkpoint';
        warnings.push(
          `The saved state of arm "${arm}" with seed ${seed} is damaged or missing; ${what}.`,
        );
      }
      // Numbers are not reused, so that an older saved state is never mistaken for a newer one.
      folder = new RunFolder(path, lock, Math.max(last, saved.after) + 1);
      // Not before the lock: its previous owner may just have finished the run.
      if ((await readdir(path)).includes('summary.json')) {
        await folder.#endFinished(events, { keepFinished: fieldsOf(config).part !== undefined });
        throw new FixresRunsError(
          'bad-run',
          `Run "${path}" is finished; there is nothing to resume.`,
        );
      }
      await makeFolders(path);
      const environment = await readJson(path, 'environment.json', notARun).catch(() => undefined);
      return { folder, config, environment, events, saved, warnings };
    } catch (error) {
      await (folder ? folder.close() : lock.release());
      throw error;
    }
  }

  /** Number of the latest event, -1 if there is none. */
  get lastEvent(): number {
    return this.#events - 1;
  }

  /**
   * Appends an event with a number and a time: now, or its own if it is copied from another run. It is written at once, so that a crash loses nothing
   * from before it.
   *
   * @throws FixresRunsError `write-failed`; the log is then unchanged
   */
  append(input: RunEventInput & { time?: string }): RunEvent {
    const event = { n: this.#events, time: new Date().toISOString(), ...input };
    this.#log.append(`${JSON.stringify(event)}\n`, {
      durably: event.type === 'checkpoint' || event.type === 'arm-end',
    });
    this.#events += 1;
    return event;
  }

  /** Writes a file of `predictions/`, named by `predictionsFileName`: one line per image. */
  async writePredictions(
    arm: string,
    seed: number,
    policy: Policy,
    predictions: Predictions,
    names: PredictionNames,
  ): Promise<void> {
    const { probabilities, classes, labels, targets } = predictions;
    const labelOf = (image: number): PredictionLabel =>
      targets === undefined
        ? { label: names.classNames[labels[image]!]! }
        : {
            labels: names.classNames.filter((_, label) => targets[image * classes + label] === 1),
            exact: predictions.correct[image] === 1,
          };
    const lines = names.ids.map((file, i) => {
      const row = Array.from(probabilities.subarray(i * classes, (i + 1) * classes), (p) =>
        Number(p.toPrecision(FLOAT32_DIGITS)),
      );
      return JSON.stringify({ file, ...labelOf(i), probabilities: row });
    });
    const file = join(
      'predictions',
      predictionsFileName({ arm, seed, evaluation: evaluationKey(policy) }),
    );
    await this.#writing(file, () => writeAside(join(this.path, file), `${lines.join('\n')}\n`));
  }

  /**
   * Saves a trained model as the folder `models/<arm>-seed<n>/`, and replaces one of an interrupted
   * session.
   *
   * @param save writes the model to a folder that does not exist yet, completely or not at all
   */
  async writeModel(
    arm: string,
    seed: number,
    save: (folder: string) => Promise<void>,
  ): Promise<void> {
    const name = join('models', armFolderName({ arm, seed }));
    const target = join(this.path, name);
    await this.#writing(name, async () => {
      await rm(target, { recursive: true, force: true });
      await save(target);
      await syncFolder(target);
    });
  }

  /** Rewrites `config.json`. */
  async writeConfig(config: unknown): Promise<void> {
    await this.#writing('config.json', () => writeJson(this.path, 'config.json', config));
  }

  /** Rewrites `environment.json`. */
  async writeEnvironment(environment: unknown): Promise<void> {
    await this.#writing('environment.json', () =>
      writeJson(this.path, 'environment.json', environment),
    );
  }

  async writeReport(html: string): Promise<void> {
    await this.#writing('report.html', () => writeAside(join(this.path, 'report.html'), html));
  }

  async writeSummary(summary: Summary): Promise<void> {
    await this.#writing('summary.json', () => writeJson(this.path, 'summary.json', summary));
  }

  /**
   * Checks that the folder still exists, and that this process may write to it.
   *
   * @throws FixresRunsError `run-gone`
   */
  async assertThere(): Promise<void> {
    if (await this.#lock.isHeld()) return;
    const message =
      `Run folder "${this.path}" was removed during the run, or another process took it. ` +
      'Training since the last checkpoint is lost; nothing more is written.';
    throw new FixresRunsError('run-gone', message);
  }

  /** Lets other processes write to the folder. */
  async close(): Promise<void> {
    try {
      this.#log.close();
    } finally {
      await this.#lock.release();
    }
  }

  /** Does the remaining work of a run after its summary. */
  async #endFinished(events: readonly RunEvent[], kept: { keepFinished: boolean }): Promise<void> {
    if (!events.some(({ type }) => type === 'run-end')) {
      const unreadable = (name: string): string =>
        `Run "${this.path}" is finished, but its ${name} cannot be read.`;
      const { seconds } = (await readJson(this.path, 'summary.json', unreadable)) as Summary;
      this.append({ type: 'run-end', seconds });
    }
    await new CheckpointFolder(join(this.path, 'checkpoints'), {
      lastEvent: () => this.lastEvent,
    }).clean(kept);
  }

  async #writing(what: string, work: () => Promise<void>): Promise<void> {
    await writingWhileThere({ run: this.path, what }, () => this.assertThere(), work);
  }
}

/**
 * Whether a run can be created in a folder with files of these names: the experiment
 * (`experiment.json`), the output of its process (`output.log`), and the files of a run whose
 * process was killed before the start. The lock identifies the latter; an `environment.json` alone
 * could belong to anything.
 */
export function isFreeForRun(names: readonly string[]): boolean {
  const wasKilled = names.includes('lock');
  return names.every((name) => {
    if (name === 'experiment.json' || name === 'output.log' || isOfLock(name)) return true;
    return wasKilled && /^environment\.json$|^(environment|config)\.json\.\d+\.partial$/.test(name);
  });
}

/**
 * Refuses a folder that contains something other than what {@link isFreeForRun} allows.
 *
 * @param names of the files in it
 * @throws FixresRunsError `run-exists`
 */
export function refuseUsed(path: string, names: readonly string[]): void {
  if (isFreeForRun(names)) return;
  throw new FixresRunsError(
    'run-exists',
    `Run folder "${path}" is not empty. Choose another with --out, or remove it.`,
  );
}

async function makeFolders(path: string): Promise<void> {
  for (const name of ['predictions', 'models', 'checkpoints'])
    await writing({ run: path, what: name }, () => mkdir(join(path, name), { recursive: true }));
}

/** Removes an event that is incomplete or lacks the end of its line, and damaged lines. */
async function repairEvents(path: string): Promise<{ events: RunEvent[]; warnings: string[] }> {
  const file = join(path, 'events.jsonl');
  const events: RunEvent[] = [];
  const kept: string[] = [];
  const damaged: number[] = [];
  // Length of the complete lines; a truncated line may follow.
  let bytes = 0;
  let lines = 0;
  let isCut = false as boolean;
  try {
    await reading({ run: path, what: 'events.jsonl' }, () =>
      readLines(file, (line, whole) => {
        isCut = !whole;
        if (!whole) return;
        lines += 1;
        bytes += Buffer.byteLength(line) + 1;
        const event = eventOf(line);
        if (event === undefined) damaged.push(lines);
        else {
          events.push(event);
          kept.push(`${line}\n`);
        }
      }),
    );
  } catch (error) {
    if (((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
      return { events: [], warnings: [] };
    throw error;
  }
  return writing({ run: path, what: 'events.jsonl' }, async () => {
    if (damaged.length === 0) {
      if (isCut) await truncate(file, bytes);
      return { events, warnings: [] };
    }
    await copyFile(file, join(path, 'events.damaged.jsonl'));
    await writeAside(file, kept.join(''));
    const which = damaged.length === 1 ? `line ${damaged[0]} is` : `${damaged.length} lines are`;
    return {
      events,
      warnings: [
        `The run's events.jsonl was damaged: ${which} left out and are not shown. The original ` +
          'file is kept as events.damaged.jsonl.',
      ],
    };
  });
}

/** An event, or undefined for a line without one. */
function eventOf(line: string): RunEvent | undefined {
  try {
    const event = JSON.parse(line) as Partial<RunEvent> | null;
    return typeof event?.n === 'number' && typeof event.type === 'string'
      ? (event as RunEvent)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Temporary files and folders that a crash left. */
async function removePartials(path: string): Promise<void> {
  for (const name of await readdir(path, { recursive: true })) {
    // Temporary files of the lock are left to it: one can belong to a process that is trying now.
    if (name.endsWith('.partial') && !isOfLock(name))
      await rm(join(path, name), { recursive: true, force: true });
  }
}

async function readJson(
  path: string,
  name: string,
  problem: (name: string) => string,
): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(path, name), 'utf8')) as unknown;
  } catch (cause) {
    throw new FixresRunsError('bad-run', problem(name), { cause });
  }
}

async function writeJson(path: string, name: string, value: unknown): Promise<void> {
  await writeAside(join(path, name), `${JSON.stringify(value, null, 2)}\n`);
}
