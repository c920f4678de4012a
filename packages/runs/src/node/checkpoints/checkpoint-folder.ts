import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  ArmCheckpoint,
  CheckpointStore,
  FinishedArm,
} from '../../checkpoints/checkpoint-store.ts';
import {
  type LostWork,
  type PredictionMetrics,
  type RunEvent,
  settledEvents,
  workOf,
} from '../../events/events.ts';
import { armFolderName } from '../../file-names.ts';
import type { StateArray, StateArrays } from '../../checkpoints/state-arrays.ts';
import type { MultiLabelResult } from '../../results/multi-label-records.ts';
import type { BestEpoch, TrainingProgress } from '../../checkpoints/training-progress.ts';
import { reading, writingWhileThere } from '../files/write-failed.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import { readWholeFolder, writeWholeFolder } from './whole-folder.ts';

export interface CheckpointFolderOptions {
  /** Number of checkpoints to keep for the current arm. Default 2. */
  keep?: number;
  /** Number of the run's latest event, stored with each save. */
  lastEvent: () => number;
  /** Called for a damaged checkpoint, so that more work than expected is repeated. */
  onWarning?: (message: string) => void;
  /**
   * Called before anything is written; throws if the run must not continue. Default: creates the
   * folder.
   */
  beforeWriting?: () => Promise<void>;
}

/** The saved state of a run, from {@link CheckpointFolder.survey}. */
export interface SavedWork {
  /** Number of the latest event in the saved state; -1 if there is none. */
  after: number;
  /** Arms whose saved state is older than their events. */
  again: LostWork[];
}

/** `state.json` of a checkpoint. */
interface StateFile {
  progress: TrainingProgress;
  peakRssMb: number;
  event: number;
}

/** `result.json` of a finished arm. */
interface ResultFile {
  result: Omit<FinishedArm['result'], 'correct' | 'metrics' | 'multiLabel'> & {
    correct: Record<string, string>;
    metrics?: Record<string, PredictionMetrics>;
    multiLabel?: { thresholds: number[] };
  };
  event: number;
}

/** The entry with the targets of multi-label images, and how those with scores begin. */
const TARGETS = 'targets';
const SCORES = 'scores/';

/** Entries of the best epoch's weights in a checkpoint. */
const BEST = 'best/';

/** The numbers that no step of an arm changes; its checkpoints share this file. */
const FROZEN = 'frozen.safetensors';

/**
 * Checkpoints in files: `<arm>-seed<n>/<number>/` during an arm's training,
 * `<arm>-seed<n>/finished/` afterwards, and `<arm>-seed<n>/best/`. Each appears completely or not
 * at all, with checksums; a damaged one is ignored.
 */
export class CheckpointFolder implements CheckpointStore {
  readonly path: string;
  readonly #keep: number;
  readonly #lastEvent: () => number;
  readonly #onWarning: (message: string) => void;
  readonly #beforeWriting: () => Promise<void>;
  /** Checkpoints found to be damaged. */
  readonly #damaged = new Set<string>();
  /** The latest file of frozen numbers of an arm that this object has written, and its SHA-256. */
  readonly #frozen = new Map<string, { path: string; sum: string }>();

  constructor(
    path: string,
    {
      keep = 2,
      lastEvent,
      onWarning = () => undefined,
      beforeWriting = async () => {
        await mkdir(path, { recursive: true });
      },
    }: CheckpointFolderOptions,
  ) {
    this.path = path;
    this.#keep = keep;
    this.#lastEvent = lastEvent;
    this.#onWarning = onWarning;
    this.#beforeWriting = beforeWriting;
  }

  /** @throws FixresRunsError `read-failed` if it exists and cannot be read */
  async load(arm: string, seed: number): Promise<ArmCheckpoint | undefined> {
    for (const number of (await this.#numbers(arm, seed)).reverse()) {
      const folder = join(this.#armFolder(arm, seed), number);
      const files = await this.#read(folder);
      if (files === undefined) {
        this.#damaged.add(folder);
        this.#onWarning(
          `Checkpoint "${folder}" is damaged; the previous one is used, or the arm starts again.`,
        );
        continue;
      }
      const { progress, peakRssMb } = parse(files.get('state.json')!) as StateFile;
      return {
        progress,
        peakRssMb,
        ...loadedArrays(files.get('state.safetensors')!, files.get(FROZEN)),
      };
    }
    return undefined;
  }

  async save(arm: string, seed: number, checkpoint: ArmCheckpoint): Promise<void> {
    await this.#writing(() => this.#save(arm, seed, checkpoint));
  }

  async #save(
    arm: string,
    seed: number,
    { progress, peakRssMb, ...checkpoint }: ArmCheckpoint,
  ): Promise<void> {
    const numbers = await this.#numbers(arm, seed);
    const next = String(Number(numbers.at(-1) ?? 0) + 1).padStart(8, '0');
    const armFolder = this.#armFolder(arm, seed);
    const { changing, frozen } = savedArrays(checkpoint);
    const file: StateFile = { progress, peakRssMb, event: this.#lastEvent() };
    const written = this.#frozen.get(armFolder);
    const content = encodeSafetensors(frozen);
    const sums = await writeWholeFolder(join(armFolder, next), {
      'state.json': json(file),
      'state.safetensors': encodeSafetensors(changing),
      ...(frozen.size > 0 && { [FROZEN]: written ? { ...written, content } : content }),
    });
    const sum = sums.get(FROZEN);
    if (sum !== undefined)
      this.#frozen.set(armFolder, { path: join(armFolder, next, FROZEN), sum });
    // Keep the others until a newer one exists to resume from. Damaged ones do not count.
    const isDamaged = (number: string): boolean =>
      this.#damaged.has(join(this.#armFolder(arm, seed), number));
    const whole = [...numbers, next].filter((number) => !isDamaged(number));
    for (const old of [...numbers.filter(isDamaged), ...whole.slice(0, -this.#keep)])
      await this.#remove(arm, seed, old);
  }

  async loadFinished(arm: string, seed: number): Promise<FinishedArm | undefined> {
    const files = await this.#read(join(this.#armFolder(arm, seed), 'finished'));
    if (files === undefined) return undefined;
    const { result } = parse(files.get('result.json')!) as ResultFile;
    const correct = new Map(
      Object.entries(result.correct).map(([key, digits]) => [key, Uint8Array.from(digits, Number)]),
    );
    const weights = files.get('weights.safetensors');
    const { metrics, multiLabel, ...rest } = result;
    const scores = files.get('scores.safetensors');
    const finished = {
      ...rest,
      correct,
      ...(metrics && { metrics: new Map(Object.entries(metrics)) }),
      ...(multiLabel &&
        scores && { multiLabel: { ...multiLabel, ...decodeScores(decodeSafetensors(scores)) } }),
    };
    return { result: finished, weights: weights && decodeSafetensors(weights) };
  }

  async saveFinished(arm: string, seed: number, finished: FinishedArm): Promise<void> {
    await this.#writing(() => this.#saveFinished(arm, seed, finished));
  }

  async #saveFinished(
    arm: string,
    seed: number,
    { result, weights, best }: FinishedArm,
  ): Promise<void> {
    if (best) {
      const { epoch, value } = best;
      await this.#remove(arm, seed, 'best');
      await writeWholeFolder(join(this.#armFolder(arm, seed), 'best'), {
        'best.json': json({ epoch, value }),
        'weights.safetensors': encodeSafetensors(best.weights),
      });
    }
    const correct = Object.fromEntries(
      [...result.correct].map(([key, images]) => [key, images.join('')]),
    );
    const { metrics, multiLabel, ...rest } = result;
    const kept = {
      ...rest,
      correct,
      ...(metrics && { metrics: Object.fromEntries(metrics) }),
      ...(multiLabel && { multiLabel: { thresholds: multiLabel.thresholds } }),
    };
    const file: ResultFile = { result: kept, event: this.#lastEvent() };
    // A damaged one of an earlier session is in the way.
    await this.#remove(arm, seed, 'finished');
    await writeWholeFolder(join(this.#armFolder(arm, seed), 'finished'), {
      'result.json': json(file),
      ...(weights ? { 'weights.safetensors': encodeSafetensors(weights) } : {}),
      ...(multiLabel ? { 'scores.safetensors': encodeSafetensors(encodeScores(multiLabel)) } : {}),
    });
    for (const number of await this.#numbers(arm, seed)) await this.#remove(arm, seed, number);
  }

  /**
   * The weights and the number of an arm's best epoch; undefined if none were saved, or if they are
   * damaged.
   *
   * @throws FixresRunsError `read-failed`
   */
  async loadBest(arm: string, seed: number): Promise<FinishedArm['best']> {
    const files = await this.#read(join(this.#armFolder(arm, seed), 'best'));
    if (files === undefined) return undefined;
    const { epoch, value } = parse(files.get('best.json')!) as BestEpoch;
    return { epoch, value, weights: decodeSafetensors(files.get('weights.safetensors')!) };
  }

  /**
   * Checks the whole saved state.
   *
   * @param events of the run so far
   * @throws FixresRunsError `read-failed`
   */
  async survey(events: readonly RunEvent[]): Promise<SavedWork> {
    const arms = new Map<string, { isFinished: boolean; after: number }>();
    // One after another, because checkpoints are large.
    for (const folder of await this.#names('')) arms.set(folder, await this.#kept(folder));
    const after = Math.max(-1, ...Array.from(arms.values(), (each) => each.after));
    const lost = new Map<string, LostWork>();
    for (const event of settledEvents(events)) {
      const work = workOf(event);
      if (work === undefined || event.n > after) continue;
      const { arm, seed } = work;
      const folder = armFolderName({ arm, seed });
      const { isFinished = false, after: kept = -1 } = arms.get(folder) ?? {};
      if (!isFinished && event.n > kept) lost.set(folder, { arm, seed, after: kept });
    }
    return { after, again: [...lost.values()] };
  }

  /** The saved state of an arm, and the latest event in it. */
  async #kept(folder: string): Promise<{ isFinished: boolean; after: number }> {
    let isFinished = false;
    let after = -1;
    for (const name of await this.#names(folder)) {
      const files = await this.#read(join(this.path, folder, name));
      const file = files?.get('state.json') ?? files?.get('result.json');
      if (file === undefined) continue;
      after = Math.max(after, (parse(file) as StateFile | ResultFile).event);
      if (name === 'finished') isFinished = true;
    }
    return { isFinished, after };
  }

  /**
   * Removes what only an unfinished run needs; the weights of the best epochs stay.
   *
   * @param keepFinished whether the results of the arms stay too, from which several runs can be
   * assembled to one. Default false.
   */
  async clean({ keepFinished = false }: { keepFinished?: boolean } = {}): Promise<void> {
    await this.#writing(async () => {
      for (const arm of await this.#names('')) {
        const rest = (await this.#names(arm)).filter(
          (name) => name !== 'best' && !(keepFinished && name === 'finished'),
        );
        for (const name of rest) await rm(join(this.path, arm, name), { recursive: true });
      }
    });
  }

  async #writing(work: () => Promise<void>): Promise<void> {
    await writingWhileThere(
      { run: dirname(this.path), what: 'checkpoint' },
      this.#beforeWriting,
      work,
    );
  }

  #read(folder: string): Promise<Map<string, Buffer> | undefined> {
    return reading({ run: dirname(this.path), what: 'checkpoint' }, () => readWholeFolder(folder));
  }

  /** Names in a folder of checkpoints, sorted; none if it does not exist. */
  #names(folder: string): Promise<string[]> {
    return reading({ run: dirname(this.path), what: 'checkpoints' }, async () => {
      try {
        return (await readdir(join(this.path, folder))).sort();
      } catch (error) {
        if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
        throw error;
      }
    });
  }

  #armFolder(arm: string, seed: number): string {
    return join(this.path, armFolderName({ arm, seed }));
  }

  async #remove(arm: string, seed: number, name: string): Promise<void> {
    await rm(join(this.#armFolder(arm, seed), name), { recursive: true, force: true });
  }

  /** The arm's checkpoints, oldest first. */
  async #numbers(arm: string, seed: number): Promise<string[]> {
    return (await this.#names(armFolderName({ arm, seed }))).filter((name) => /^\d{8}$/.test(name));
  }
}

/** The numbers of a checkpoint as its files have them: those that steps change, and the others. */
function savedArrays({
  state,
  best,
  frozen: names,
}: Omit<ArmCheckpoint, 'progress' | 'peakRssMb'>): {
  changing: StateArrays;
  frozen: StateArrays;
} {
  const changing: StateArrays = new Map();
  const frozen: StateArrays = new Map();
  for (const [name, array] of state) (names?.has(name) ? frozen : changing).set(name, array);
  for (const [name, array] of best ?? [])
    if (!isSame(array, frozen.get(name))) changing.set(BEST + name, array);
  return { changing, frozen };
}

/** The inverse of {@link savedArrays}. */
function loadedArrays(
  changing: Buffer,
  frozen: Buffer | undefined,
): { state: StateArrays; best: StateArrays | undefined } {
  const unchanged: StateArrays = frozen ? decodeSafetensors(frozen) : new Map();
  const state: StateArrays = new Map(unchanged);
  const best: StateArrays = new Map();
  for (const [name, array] of decodeSafetensors(changing))
    if (name.startsWith(BEST)) best.set(name.slice(BEST.length), array);
    else state.set(name, array);
  return { state, best: best.size > 0 ? new Map([...unchanged, ...best]) : undefined };
}

/** Whether two arrays have the same bytes. */
function isSame({ values }: StateArray, other: StateArray | undefined): boolean {
  if (values === other?.values) return true;
  if (other === undefined) return false;
  const [a, b] = [values, other.values].map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  ) as [Buffer, Buffer];
  return a.equals(b);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function parse(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8'));
}

function encodeScores({ targets, scores, thresholds }: MultiLabelResult): StateArrays {
  const shape = [targets.length / thresholds.length, thresholds.length];
  return new Map([
    [TARGETS, { shape, dtype: 'int32', values: Int32Array.from(targets) }],
    ...Array.from(scores, ([key, values]): [string, StateArray] => [
      `${SCORES}${key}`,
      { shape, dtype: 'float32', values },
    ]),
  ]);
}

function decodeScores(arrays: StateArrays): Pick<MultiLabelResult, 'targets' | 'scores'> {
  const scores = [...arrays].flatMap(([name, { values }]): [string, Float32Array][] =>
    name.startsWith(SCORES) ? [[name.slice(SCORES.length), values as Float32Array]] : [],
  );
  return {
    targets: Uint8Array.from(arrays.get(TARGETS)!.values),
    scores: new Map(scores),
  };
}
