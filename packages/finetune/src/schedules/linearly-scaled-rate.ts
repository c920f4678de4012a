import { refuse } from '../errors.ts';
import { scaledRate } from './scaled-schedule.ts';
import type { StepSchedule } from './schedule.ts';

/** The batch to which a rate is scaled. */
export interface ScaledBatch {
  /** Images per update and process. */
  batchSize: number;
  /** Processes that train together. Default 1. */
  tasks?: number;
}

/**
 * The linear scaling rule: the rate is proportional to the number of images per update (P. Goyal et
 * al., arXiv 1706.02677).
 *
 * @param rate for a batch of 512 images.
 * @throws FixresFinetuneError `bad-schedule`
 */
export function linearlyScaledRate(rate: number, { batchSize, tasks = 1 }: ScaledBatch): number {
  if (!(Number.isFinite(rate) && rate >= 0))
    refuse('bad-schedule', 'rate', rate, 'a finite number of at least 0');
  if (!(Number.isInteger(batchSize) && batchSize >= 1))
    refuse('bad-schedule', 'batchSize', batchSize, 'a whole number of at least 1');
  if (!(Number.isInteger(tasks) && tasks >= 1))
    refuse('bad-schedule', 'tasks', tasks, 'a whole number of at least 1');
  return scaledRate(rate, { rule: 'linear', referenceBatch: 512 }, batchSize * tasks);
}

/**
 * The schedule of the FixRes authors' published code: the rate by the linear rule, reduced to a
 * tenth after every 30 epochs. Like their code, this first multiplies the given rate by 8.
 *
 * @param rate as on their command line.
 * @throws FixresFinetuneError `bad-schedule`
 */
export function fixresAuthorsSchedule(rate: number, batch: ScaledBatch): StepSchedule {
  return { type: 'step', rate: linearlyScaledRate(8 * rate, batch), factor: 0.1, every: 30 };
}
