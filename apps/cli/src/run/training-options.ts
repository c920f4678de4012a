import { type Policy, preprocessingContract, toPlusMinusOne } from '@fixres/data';
import type { FurtherLog } from '@fixres/runs/names';
import type { NormStatistics } from '@fixres/runs';
import { type DatasetOptions, datasetReading } from './dataset-reading.ts';
import type { EngineOptions } from './engine-options.ts';
import { type DiskCacheChoice, diskCacheOf } from './image-cache.ts';
import { memoryBudget } from './memory-budget.ts';
import type { SeedOptions } from '../plans/chosen-seeds.ts';
import type {
  SpecificationOptions,
  TrainingChoice,
} from '../training-choice/training-choice-options.ts';
import { type SessionPlan, sourceOf } from '@fixres/runner/node';

/** Options of all commands that train: images, engine and output. */
export interface RunOptions extends DiskCacheChoice, DatasetOptions, EngineOptions {
  limit?: number;
  heldOut?: number | undefined;
  tuneThresholds?: number | undefined;
  skipCorrupt?: boolean;
  /** Images that the split keeps together. */
  splitByGroup?: string;
  /** Leave out training images that look like a held-out one. */
  dropLeaks?: boolean;
  deterministic?: boolean;
  /** Maximum memory of the process, such as `4GB`, or `none`. */
  memory?: string;
  log?: FurtherLog[];
  out?: string;
}

/** Options that `train` and `finetune` share, as the command line gives them. */
export interface TrainingOptions
  extends RunOptions, SeedOptions, TrainingChoice, SpecificationOptions {
  epochs: number;
  learningRate: number;
  batchSize: number;
  normStatistics?: NormStatistics;
  normImages?: number;
}

/**
 * The parts of a run's plan that follow from the shared options. @throws FixresDataError for an
 * unreadable file of class names
 */
export async function planOf(
  dataset: string,
  options: RunOptions,
): Promise<
  Pick<
    SessionPlan,
    'dataset' | 'engine' | 'device' | 'deterministic' | 'memoryMb' | 'logs' | 'diskCache'
  >
> {
  const { limit, heldOut, tuneThresholds, skipCorrupt, splitByGroup, dropLeaks } = options;
  const { engine, device, deterministic = false, log = [] } = options;
  return {
    dataset: {
      source: sourceOf(dataset),
      ...(await datasetReading(options)),
      limit,
      heldOut,
      tuneThresholds,
      skipCorrupt,
      splitByGroup,
      dropLeaks,
    },
    engine,
    device,
    deterministic,
    memoryMb: memoryBudget(options.memory),
    logs: log,
    diskCache: diskCacheOf(options),
  };
}

/** Refuses a test policy that a model card cannot describe. @throws FixresDataError `bad-option` */
export function checkTestPolicy(policy: Policy): void {
  preprocessingContract(policy, { normalisation: toPlusMinusOne });
}
