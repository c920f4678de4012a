import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePreprocessingContract, type PreprocessingContract } from '@fixres/data';
import { parseModelCard } from '@fixres/models';
import { modelDigest } from '@fixres/runs/node';
import { FixresRunnerError } from '../../errors.ts';
import { runOfModel, type TrainedRun } from './trained-run.ts';

/** Facts from a model folder, read without loading the model and so without an engine. */
export interface ModelFacts {
  digest: string;
  classNames: readonly string[] | undefined;
  contract: PreprocessingContract | undefined;
  run: TrainedRun | undefined;
  /** Whether the model certainly supports images of any size. */
  takesAnySize: boolean;
}

/**
 * @throws FixresRunnerError for a folder without a model, or with a damaged one; FixresModelsError,
 * FixresDataError for an invalid card
 */
export async function modelFacts(folder: string): Promise<ModelFacts> {
  const file = join(folder, 'model.json');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const message = `"${folder}" is neither a model folder (with model.json) nor a run folder: ${(cause as Error).message}`;
    throw new FixresRunnerError('bad-model', message, { cause });
  });
  const { modelTopology, userDefinedMetadata } = modelJson(text, file);
  const card = parseModelCard(userDefinedMetadata?.fixres, file);
  return {
    digest: await modelDigest(folder),
    classNames: card.classNames,
    contract: card.contract === undefined ? undefined : parsePreprocessingContract(card.contract),
    run: await runOfModel(folder),
    takesAnySize: card.architecture !== undefined || isOpen(modelTopology),
  };
}

interface ModelJson {
  modelTopology: object;
  userDefinedMetadata?: { fixres?: unknown } | null;
}

/** @throws FixresRunnerError for a truncated file, or one without a model */
function modelJson(text: string, file: string): ModelJson {
  const damaged = (what: string, cause?: unknown): FixresRunnerError =>
    new FixresRunnerError('bad-model', `The model is damaged: ${file} ${what}.`, { cause });
  let json: { [field in keyof ModelJson]?: ModelJson[field] | null } | null;
  try {
    json = JSON.parse(text) as typeof json;
  } catch (cause) {
    throw damaged(`is not JSON (${(cause as Error).message})`, cause);
  }
  if (typeof json?.modelTopology !== 'object' || json.modelTopology === null)
    throw damaged('has no modelTopology');
  return json as ModelJson;
}

/** Whether the images of a topology of tfjs have variable sides. */
function isOpen(topology: { config?: { layers?: unknown } }): boolean {
  const { layers } = topology.config ?? {};
  const [first] = Array.isArray(layers) ? (layers as { config?: unknown }[]) : [];
  const { batch_input_shape: shape } = (first?.config ?? {}) as { batch_input_shape?: unknown };
  return Array.isArray(shape) && shape.length === 4 && shape[1] === null && shape[2] === null;
}
