import type {
  ArmSpec,
  BestEpoch,
  EarlyStopping,
  EpochRecord,
  TrainingProgress,
} from '@fixres/runs';

/**
 * Compares an epoch with the best one so far and stops training if patience is exhausted. Changes
 * `best` and `stopped` of the progress.
 *
 * @returns whether this epoch is the best so far
 */
export function judgeEpoch(
  progress: TrainingProgress,
  record: EpochRecord,
  settings: EarlyStopping | undefined,
): boolean {
  const { monitor = 'heldOutAccuracy', minDelta = 0, patience = Infinity } = settings ?? {};
  const value = record[monitor];
  const isBetter =
    progress.best === null ||
    (monitor === 'loss' ? progress.best.value - value : value - progress.best.value) > minDelta;
  if (isBetter) progress.best = { epoch: record.epoch, value };
  else progress.stopped = record.epoch - progress.best!.epoch >= patience;
  return isBetter;
}

/** Whether an arm ends with the weights of its best epoch. */
export function restoresBest({ earlyStopping }: ArmSpec, best: BestEpoch | null): boolean {
  return earlyStopping !== undefined && earlyStopping.restoreBest !== false && best !== null;
}
