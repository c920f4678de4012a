import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type LoadedModel, loadModelFolder } from '@fixres/models/node';
import { ExitError, exitCodes } from './exit-error.ts';

export interface ResolveModelOptions {
  /** Arm of a run folder. Needed when there are models of several. */
  arm?: string | undefined;
  /** Seed of a run folder. Needed when there are models of several. */
  seed?: number | undefined;
}

/**
 * Loads what the user calls a model: a model folder, or a run folder. The engine must be chosen before; the caller disposes the model.
 *
 * @throws ExitError, FixresModelsError
 */
export async function resolveModel(place: string, options: ResolveModelOptions = {}): Promise<LoadedModel & { folder: string }> {
  const folder = await findModelFolder(place, options);
  return { folder, ...(await loadModelFolder(folder)) };
}

/**
 * Finds the model folder that the user means, without loading it: quick enough to be called before the engine is.
 *
 * @throws ExitError when nothing is there, or when arm and seed do not name exactly one model of a run
 */
export async function findModelFolder(place: string, { arm, seed }: ResolveModelOptions = {}): Promise<string> {
  if (await isModelFolder(place)) {
    if (arm === undefined && seed === undefined) return place;
    throw usage(`Options --arm and --seed go with a run folder; "${place}" is a model folder.`);
  }
  const models = await modelsOfRun(place);
  if (models.length === 0) throw usage(`"${place}" is neither a model folder (with model.json) nor a run folder (with models/<arm>-seed<n>/).`);
  const fitting = models.filter((model) => (arm ?? model.arm) === model.arm && (seed ?? model.seed) === model.seed);
  if (fitting.length === 1) return fitting[0]!.folder;
  const there = models.map((model) => `--arm ${model.arm} --seed ${model.seed}`).join(', ');
  throw usage(`Run "${place}" has ${fitting.length === 0 ? 'no such model' : `${fitting.length} such models`}; choose one of ${there}.`);
}

interface ModelOfRun {
  arm: string;
  seed: number;
  folder: string;
}

async function modelsOfRun(run: string): Promise<ModelOfRun[]> {
  const names = await readdir(join(run, 'models')).catch(() => []);
  const models = names.map((name): ModelOfRun | undefined => {
    const [, arm, seed] = /^(.+)-seed(\d+)$/.exec(name) ?? [];
    return arm === undefined ? undefined : { arm, seed: Number(seed), folder: join(run, 'models', name) };
  });
  const whole = await Promise.all(models.map(async (model) => (model && (await isModelFolder(model.folder)) ? model : undefined)));
  return whole.filter((model) => model !== undefined).sort((a, b) => a.seed - b.seed || (a.arm < b.arm ? -1 : 1));
}

async function isModelFolder(folder: string): Promise<boolean> {
  return access(join(folder, 'model.json')).then(
    () => true,
    () => false,
  );
}

function usage(message: string): ExitError {
  return new ExitError(exitCodes.usage, `error: ${message}`);
}
