import {
  modelFolderOf,
  type PreparationListeners,
  type RunImages,
  runOfModel,
  type SimilarImages,
} from '@fixres/runner/node';
import type { ArmRecord, RecordedRun } from '@fixres/runs';
import type { Missing } from '@fixres/runs/report';
import type { EngineOptions } from '../run/engine-options.ts';
import { similarByFeatures } from './similar-by-features.ts';

/**
 * What the most accurate trained arm of a run, with its first seed, finds alike across the split.
 *
 * @returns the reason, as a sentence, if there is no such model
 */
export async function similarInRun(
  { folder, config, summary }: RecordedRun,
  { train, heldOut }: Pick<RunImages, 'train' | 'heldOut'>,
  {
    engine,
    on,
    signal,
  }: Pick<EngineOptions, 'engine'> & { on: PreparationListeners; signal: AbortSignal },
): Promise<SimilarImages | Missing> {
  const trained = (summary?.arms ?? []).filter(({ epochs }) => epochs > 0);
  const [best] = trained.toSorted((a, b) => accuracyOf(b) - accuracyOf(a));
  const seed = config.experiment.seeds[0]!;
  if (best === undefined)
    return { missing: 'No arm has finished training, so no model can find similar images.' };
  const model = await modelFolderOf(folder, { arm: best.name, seed });
  const pairs = await similarByFeatures(
    { train, heldOut },
    { folder: model, run: await runOfModel(model), best: undefined, engine, device: 'auto' },
    { reading: config.dataset, on, signal },
  );
  return { arm: best.name, seed, pairs };
}

function accuracyOf({ evaluations, ownEvaluation }: ArmRecord): number {
  return evaluations[ownEvaluation]!.accuracy;
}
