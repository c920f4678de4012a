import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePreprocessingContract, type PreprocessingContract } from '@fixres/data';
import { parseModelCard } from '@fixres/models';
import { modelDigest } from '@fixres/runner/node';
import { ExitError, exitCodes } from '../exit-error.ts';
import { runOfModel, type TrainedRun } from '../trained-run.ts';

/** What a model folder tells without loading the model, and so without an engine. */
export interface ModelFacts {
  digest: string;
  classNames: readonly string[] | undefined;
  contract: PreprocessingContract | undefined;
  run: TrainedRun | undefined;
  /** Whether it is certain that the model takes images of any size. */
  takesAnySize: boolean;
}

/** @throws ExitError for a folder without a model; FixresModelsError, FixresDataError for a card that cannot be understood */
export async function modelFacts(folder: string): Promise<ModelFacts> {
  const file = join(folder, 'model.json');
  const json = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as { userDefinedMetadata?: { fixres?: unknown } },
    (cause: unknown) => {
      const message = `error: "${folder}" is neither a model folder (with model.json) nor a run folder: ${(cause as Error).message}`;
      throw new ExitError(exitCodes.usage, message, { cause });
    },
  );
  const card = parseModelCard(json.userDefinedMetadata?.fixres, file);
  return {
    digest: await modelDigest(folder),
    classNames: card.classNames,
    contract: card.contract === undefined ? undefined : parsePreprocessingContract(card.contract),
    run: await runOfModel(folder),
    takesAnySize: card.architecture !== undefined,
  };
}
