import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockOwnerState, parseLockOwner } from '@fixres/runs/read';
import type { ControlAnswer, ControlledProcess, StartRequest } from '../../shared/protocol.ts';
import { FixresDashboardError } from '../errors.ts';
import { plainFile, readSmallJson } from '../open-inside.ts';
import type { RunIndex } from '../runs/run-index.ts';
import {
  type DatasetEntry,
  datasetEntry,
  experimentOfRun,
  presetExperiment,
} from './experiment-request.ts';
import { EXPERIMENT_FILE, removeUnlessRun } from './remove-unless-run.ts';
import { lastWords, readOutput, type RunProcess, startRunProcess } from './run-process.ts';

/** Number of ended processes to remember. */
const REMEMBERED = 50;
const MAX_CONFIG = 1 << 20;

export interface ControlOptions {
  /** The command line that conducts runs: the program and its first arguments. */
  program: readonly string[];
  /**
   * Finds the data set of a run on this machine, by the name in its configuration. @returns a path
   * or built-in name
   */
  findDataset: (source: string, runFolder: string) => Promise<string>;
}

interface Started {
  run: string;
  process: RunProcess;
  ended: boolean;
  problem: string | null;
}

/**
 * Starts, stops and resumes runs. A started process is independent: it outlives the dashboard, and
 * another dashboard can stop it, because the process to signal is read from the run's lock.
 */
export class RunControl {
  readonly token: string = randomBytes(24).toString('base64url');
  readonly #root: string;
  readonly #index: RunIndex;
  readonly #options: ControlOptions;
  /** By the run's id, oldest first. */
  readonly #started = new Map<string, Started>();
  /** Runs whose processes are about to start. */
  readonly #launching = new Set<string>();
  /**
   * Owners of locks that were asked to stop. A second request would end them at once, without a
   * checkpoint.
   */
  readonly #asked = new Set<string>();

  constructor(root: string, index: RunIndex, options: ControlOptions) {
    this.#root = root;
    this.#index = index;
    this.#options = options;
  }

  /** What can be started, and what was started. */
  async state(): Promise<ControlAnswer> {
    const processes = Array.from(
      this.#started.values(),
      ({ run, ended, problem }): ControlledProcess => ({ run, ended, problem }),
    );
    return {
      token: this.token,
      files: await this.#experimentFiles(),
      datasets: [...(await this.#datasets()).keys()],
      processes,
    };
  }

  /**
   * Creates a run's folder and starts its process.
   *
   * @param asked a {@link StartRequest}, untrusted
   * @throws FixresDashboardError `bad-option` naming what is not allowed, `not-possible`
   */
  async start({ name, from }: Partial<Record<keyof StartRequest, unknown>>): Promise<void> {
    if (typeof name !== 'string' || !/^\w[\w.+-]{0,79}$/.test(name) || name === 'node_modules') {
      throw new FixresDashboardError(
        'bad-option',
        'The name must have 1 to 80 letters, digits and . _ + -, and start with a letter, a ' +
          'digit or _.',
      );
    }
    await this.#index.refresh();
    if (this.#index.isSingle)
      throw new FixresDashboardError(
        'not-possible',
        'The dashboard shows a single run. To start runs, open it on a folder of runs.',
      );
    const experiment = await this.#experiment(from);
    const folder = join(this.#root, name);
    await mkdir(folder).catch((cause: unknown) => {
      const { code, message } = cause as NodeJS.ErrnoException;
      const reason =
        code === 'EEXIST'
          ? `Folder "${name}" already exists; choose another name.`
          : `Folder "${name}" cannot be created: ${message}.`;
      throw new FixresDashboardError('not-possible', reason, { cause });
    });
    let file = experiment;
    if (typeof file !== 'string') {
      file = join(folder, EXPERIMENT_FILE);
      await writeFile(file, `${JSON.stringify(experiment, null, 2)}\n`);
    }
    await this.#launch(name, folder, ['run', file, '--out', folder]);
  }

  /**
   * Asks the process that writes to a run to save its state and end.
   *
   * @throws FixresDashboardError `not-found`, `not-possible`
   */
  async stop(run: string): Promise<void> {
    const folder = await this.#folderOf(run);
    const owner = parseLockOwner(
      folder === undefined ? undefined : await readSmallJson(4096, folder, 'lock'),
    );
    const state = owner ? lockOwnerState(owner) : 'gone';
    if (!owner || state === 'gone') {
      const starting = this.#started.get(run);
      if (!starting?.process.isAlive())
        throw new FixresDashboardError('not-possible', `No process is writing to run "${run}".`);
      // Before a run has its lock, it has nothing to save.
      starting.process.interrupt();
      return;
    }
    if (state === 'elsewhere')
      throw new FixresDashboardError(
        'not-possible',
        `Process ${owner.pid} on ${owner.host} is writing to run "${run}"; stop it on that ` +
          'machine.',
      );
    if (owner.pid === process.pid)
      throw new FixresDashboardError(
        'not-possible',
        `The process of the dashboard itself is writing to run "${run}".`,
      );
    // Without its start time, a process cannot be distinguished from a later one with the same
    // number.
    if (owner.started === null)
      throw new FixresDashboardError(
        'not-possible',
        `Cannot verify that process ${owner.pid} is writing to run "${run}"; stop it by hand.`,
      );
    const key = `${owner.pid}/${owner.started}`;
    if (this.#asked.has(key)) return;
    try {
      process.kill(owner.pid, 'SIGINT');
    } catch (cause) {
      throw new FixresDashboardError(
        'not-possible',
        `Process ${owner.pid}, which is writing to run "${run}", cannot be signalled: ` +
          `${(cause as Error).message}.`,
        { cause },
      );
    }
    this.#asked.add(key);
  }

  /**
   * Resumes a run that was interrupted, crashed or failed.
   *
   * @throws FixresDashboardError `not-found`, `not-possible`
   */
  async resume(run: string): Promise<void> {
    const folder = await this.#folderOf(run);
    const status = this.#index.row(run)?.status;
    if (folder === undefined || status === undefined)
      throw new FixresDashboardError('not-found', `Run "${run}" does not exist.`);
    if (
      !['interrupted', 'failed', 'crashed'].includes(status) ||
      this.#launching.has(run) ||
      this.#started.get(run)?.process.isAlive()
    ) {
      throw new FixresDashboardError(
        'not-possible',
        `Run "${run}" is ${status === 'finished' ? 'finished' : 'being written'}; there is nothing to resume.`,
      );
    }
    await this.#launch(run, folder, ['resume', folder]);
  }

  async #launch(run: string, folder: string, args: readonly string[]): Promise<void> {
    this.#launching.add(run);
    const process = await startRunProcess(this.#options.program, args, folder).finally(() =>
      this.#launching.delete(run),
    );
    const started: Started = { run, process, ended: false, problem: null };
    this.#started.delete(run);
    this.#started.set(run, started);
    for (const [each, { ended }] of this.#started)
      if (this.#started.size > REMEMBERED && ended) this.#started.delete(each);
    void this.#afterEnd(started, folder);
  }

  async #afterEnd(started: Started, folder: string): Promise<void> {
    const code = await started.process.ended;
    // A folder that can no longer be read has no output.
    const output =
      (await readOutput(folder, started.process.outputFrom).catch(() => undefined)) ?? '';
    if (code !== 0 && code !== 130)
      started.problem = lastWords(output) || `The process ended with exit code ${String(code)}.`;
    await removeUnlessRun(folder).catch(() => undefined);
    started.ended = true;
  }

  /** @returns the path of an experiment file, or the content of a new one */
  async #experiment(from: unknown): Promise<string | Record<string, unknown>> {
    if (typeof from !== 'object' || from === null)
      throw new FixresDashboardError('bad-option', '"from" must be a file, a run or a preset.');
    if ('file' in from) {
      const file = (await this.#experimentFiles()).find((name) => name === from.file);
      if (file === undefined)
        throw new FixresDashboardError(
          'bad-option',
          `Experiment file "${String(from.file)}" does not exist in the runs folder.`,
        );
      return join(this.#root, file);
    }
    if (!('run' in from)) return presetExperiment(from, await this.#datasets());
    const folder = await this.#folderOf(from.run);
    const config =
      folder === undefined ? undefined : await readSmallJson(MAX_CONFIG, folder, 'config.json');
    const entry = folder === undefined ? undefined : await this.#datasetHere(config, folder);
    if (!entry)
      throw new FixresDashboardError(
        'bad-option',
        `Run "${String(from.run)}" does not exist, or its configuration has no data set.`,
      );
    return experimentOfRun(config, entry);
  }

  /** The data set of a run, with the paths of this machine. */
  async #datasetHere(config: unknown, folder: string): Promise<DatasetEntry | undefined> {
    const entry = datasetEntry(config);
    if (!entry) return undefined;
    const { findDataset } = this.#options;
    const archive =
      entry.archive === undefined ? {} : { archive: await findDataset(entry.archive, folder) };
    return { ...entry, ...archive, source: await findDataset(entry.source, folder) };
  }

  /** Experiment files next to the runs. Their content is checked when one is run. */
  async #experimentFiles(): Promise<string[]> {
    const names = (await readdir(this.#root).catch(() => []))
      .filter((name) => /^[^.].*\.(ya?ml|json)$/i.test(name))
      .sort();
    const facts = await Promise.all(
      names.slice(0, 500).map((name) => plainFile(join(this.#root, name))),
    );
    return names.filter((_, i) => facts[i] !== undefined && facts[i].size <= MAX_CONFIG);
  }

  /** Data sets by name: the built-in one, and those of the runs that are on this machine. */
  async #datasets(): Promise<Map<string, DatasetEntry>> {
    await this.#index.refresh();
    const runs = new Map(
      this.#index.rows.map(({ id, config }) => [String(config['dataset.source']), id]),
    );
    const found = new Map<string, DatasetEntry>([['synthetic', { source: 'synthetic' }]]);
    for (const id of [...runs.values()].slice(0, REMEMBERED)) {
      const folder = this.#index.folderOf(id);
      const config =
        folder === undefined ? undefined : await readSmallJson(MAX_CONFIG, folder, 'config.json');
      // A data set that no longer exists cannot be used.
      const entry =
        folder === undefined
          ? undefined
          : await this.#datasetHere(config, folder).catch(() => undefined);
      if (!entry || found.has(entry.source)) continue;
      // Options for reading it, not the number of images.
      found.set(entry.source, { ...entry, limit: undefined, skipCorrupt: undefined });
    }
    return found;
  }

  async #folderOf(run: unknown): Promise<string | undefined> {
    if (typeof run !== 'string') return undefined;
    await this.#index.refresh();
    return this.#index.folderOf(run);
  }
}
