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
  const card = parseModelCard(metadataIn(text, file).fixres, file);
  return {
    digest: await modelDigest(folder),
    classNames: card.classNames,
    contract: card.contract === undefined ? undefined : parsePreprocessingContract(card.contract),
    run: await runOfModel(folder),
    takesAnySize: card.architecture !== undefined,
  };
}

/** @throws FixresRunnerError for a truncated file, or one without a model */
function metadataIn(text: string, file: string): { fixres?: unknown } {
  const damaged = (what: string, cause?: unknown): FixresRunnerError =>
    new FixresRunnerError('bad-model', `The model is damaged: ${file} ${what}.`, { cause });
  let json: { modelTopology?: unknown; userDefinedMetadata?: { fixres?: unknown } | null } | null;
  try {
    json = JSON.parse(text) as typeof json;
  } catch (cause) {
    throw damaged(`is not JSON (${(cause as Error).message})`, cause);
  }
  if (typeof json?.modelTopology !== 'object' || json.modelTopology === null)
    throw damaged('has no modelTopology');
  return json.userDefinedMetadata ?? {};
}
