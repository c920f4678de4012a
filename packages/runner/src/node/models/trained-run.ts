import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ImageSize, imageSizeOf, type Policy } from '@fixres/data';
import type { ArmSpec, DatasetReading, DatasetRecord, Experiment } from '@fixres/runs';
import { parseArmFolderName } from '@fixres/runs/events';
import {
  FixresRunsError,
  readKnownImages,
  readLines,
  readLogEnds,
  readRunConfig,
  readRunLeaks,
} from '@fixres/runs/read';

/** What a run folder records about one of its models. */
export interface TrainedRun {
  folder: string;
  arm: ArmSpec;
  seed: number;
  /**
   * Image size of the first training of the arm or of the arm it is initialised from.
   */
  trainSize: ImageSize;
  /** Train policy of that training. */
  trainPolicy: Policy;
  dataset: Pick<DatasetRecord, 'name' | 'classes'>;
  /** `synthetic`, `tf_flowers`, or the path of the images. */
  source: string;
  /** How the run reads its images. */
  reading: DatasetReading;
  limit: number | undefined;
  heldOut: number | undefined;
  /** Names of the held-out images; undefined if the run has no predictions yet. */
  heldOutIds: Set<string> | undefined;
  /** Names of training images that were left out because they look like a held-out one. */
  droppedIds: ReadonlySet<string>;
  /** Names of the images that it trained on; undefined for runs of earlier versions. */
  trainIds: ReadonlySet<string> | undefined;
  splitByGroup: string | undefined;
  dropLeaks: boolean | undefined;
}

/** Whether a folder is a run folder. */
async function isRunFolder(folder: string): Promise<boolean> {
  return (
    (await names(folder)).includes('config.json') &&
    (await names(join(folder, 'models'))).length > 0
  );
}

export interface ModelOfRunOptions {
  /** Arm of a run with several. */
  arm?: string | undefined;
  /** Seed of a run with several; default: the lowest. */
  seed?: number | undefined;
}

/**
 * The folder of a model: `place` itself, or if that is a run, the model of an arm and seed in it.
 *
 * @throws FixresRunsError that lists the models of a run if several or none match
 */
export async function modelFolderOf(place: string, options: ModelOfRunOptions): Promise<string> {
  return (await isRunFolder(place)) ? modelOfRun(place, options) : place;
}

/**
 * The folder of one model of a run. Default arm: the trained arm that no other arm is initialised
 * from, if there is only one. Default seed: the lowest.
 *
 * @throws FixresRunsError that lists the existing models
 */
async function modelOfRun(run: string, { arm, seed }: ModelOfRunOptions): Promise<string> {
  const models = (await names(join(run, 'models'))).flatMap((name) => {
    const of = parseArmFolderName(name);
    return of ? [{ name, ...of }] : [];
  });
  const matching = models
    .filter(
      (model) =>
        (arm === undefined || model.arm === arm) && (seed === undefined || model.seed === seed),
    )
    .sort((a, b) => a.seed - b.seed);
  const arms = [...new Set(matching.map((model) => model.arm))];
  const last = arms.length > 1 ? await lastArms(run, arms) : arms;
  if (last.length === 1)
    return join(run, 'models', matching.find((model) => model.arm === last[0])!.name);
  const all = models
    .map(({ name }) => name)
    .sort()
    .join(', ');
  const why =
    arms.length > 1
      ? 'has several arms; choose one with --arm'
      : `has no model of arm "${arm ?? 'any'}" and seed ${seed ?? 'any'}`;
  throw new FixresRunsError('bad-run', `Run "${run}" ${why}. Its models are ${all || 'none'}.`);
}

/** The trained arms that no other arm is initialised from. */
async function lastArms(run: string, arms: readonly string[]): Promise<string[]> {
  const { experiment } = await readRunConfig(run);
  const trained = experiment.arms.filter(({ epochs }) => epochs > 0);
  return arms.filter(
    (arm) =>
      trained.some(({ name }) => name === arm) && !trained.some(({ initFrom }) => initFrom === arm),
  );
}

/**
 * The run that a model folder belongs to, or undefined for a model outside a run.
 *
 * @throws FixresRunsError for a run folder that cannot be read
 */
export async function runOfModel(model: string): Promise<TrainedRun | undefined> {
  const of = parseArmFolderName(basename(model));
  const folder = dirname(dirname(model));
  if (!of || !(await isRunFolder(folder))) return undefined;
  const { experiment, dataset } = await readRunConfig(folder);
  const { source, limit, heldOut, splitByGroup, dropLeaks, evaluateOn, ...reading } = dataset;
  try {
    const arm = experiment.arms.find(({ name }) => name === of.arm);
    if (arm === undefined) throw new Error(`its experiment has no arm "${of.arm}"`);
    const { trainPolicy } = firstArm(arm, experiment);
    return {
      folder,
      arm,
      seed: of.seed,
      trainSize: imageSizeOf(trainPolicy.output),
      trainPolicy,
      dataset: await trainedDataset(folder),
      source,
      reading,
      limit,
      heldOut,
      // The predictions of a run that chooses among arms are those of training images.
      heldOutIds: evaluateOn === 'heldBack' ? undefined : await readHeldOutIds(folder),
      droppedIds: new Set((await readRunLeaks(folder))?.dropped),
      trainIds: (await readKnownImages(folder))?.trainIds,
      splitByGroup,
      dropLeaks,
    };
  } catch (cause) {
    throw new FixresRunsError(
      'bad-run',
      `Run folder "${folder}" is damaged: ${(cause as Error).message}.`,
      { cause },
    );
  }
}

/** The first event of a run contains its data set. */
async function trainedDataset(folder: string): Promise<DatasetRecord> {
  const { first } = await readLogEnds(folder);
  if (first?.type !== 'run-start') throw new Error('its events do not begin with run-start');
  return first.dataset;
}

function firstArm(arm: ArmSpec, experiment: Experiment): ArmSpec {
  const base = experiment.arms.find(({ name }) => name === arm.initFrom);
  return base === undefined ? arm : firstArm(base, experiment);
}

/** Names of the held-out images of a run, each of whose files of predictions lists them all. */
export async function readHeldOutIds(folder: string): Promise<Set<string> | undefined> {
  const [file] = (await names(join(folder, 'predictions'))).filter((name) =>
    name.endsWith('.jsonl'),
  );
  if (file === undefined) return undefined;
  const ids = new Set<string>();
  await readLines(
    join(folder, 'predictions', file),
    (line) => void ids.add((JSON.parse(line) as { file: string }).file),
  );
  return ids;
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
