import { resolve } from 'node:path';
import { type Policy, preprocessingContract, toPlusMinusOne } from '@fixres/data';
import { ExitError, exitCodes } from '../exit-error.ts';
import type { EngineOptions } from './engine-options.ts';
import { type DiskCacheChoice, diskCacheOf } from './image-cache.ts';
import type { RunOutputOptions } from './output-options.ts';
import type { FurtherLog, RunPlan } from './run-plan.ts';
import { sourceOf } from './source-of.ts';

/** Options that `train` and `finetune` share, as the command line gives them. */
export interface TrainingOptions extends RunOutputOptions, DiskCacheChoice, EngineOptions {
  epochs: number;
  learningRate: number;
  batch: number;
  seeds: number;
  limit?: number;
  heldOut?: number;
  archive?: string;
  skipCorrupt?: boolean;
  deterministic?: boolean;
  log?: FurtherLog[];
  out?: string;
}

/** The parts of a run's plan that follow from the shared options. */
export function planOf(dataset: string, options: TrainingOptions): Pick<RunPlan, 'dataset' | 'engine' | 'device' | 'deterministic' | 'logs' | 'diskCache'> {
  const { limit, heldOut, archive, skipCorrupt, engine, device, deterministic = false, log = [] } = options;
  return {
    dataset: { source: sourceOf(dataset), archive: archive && resolve(archive), limit, heldOut, skipCorrupt },
    engine,
    device,
    deterministic,
    logs: log,
    diskCache: diskCacheOf(options),
  };
}

/** Refuses numbers that no training can have. */
export function checkTraining({ epochs, learningRate, batch, seeds }: TrainingOptions): void {
  const check = (option: string, value: number, ok: boolean, allowed: string): void => {
    if (!ok) throw new ExitError(exitCodes.usage, `error: Option ${option} is ${value}; it must be ${allowed}.`);
  };
  check('--epochs', epochs, epochs >= 1, 'at least 1');
  check('--learning-rate', learningRate, learningRate > 0 && learningRate < Infinity, 'a number above 0');
  check('--batch', batch, batch >= 2, 'at least 2, since batch normalisation needs a batch');
  check('--seeds', seeds, seeds >= 1, 'at least 1');
}

/** Refuses a test policy that a model's card cannot say. @throws FixresDataError `bad-option` */
export function checkTestPolicy(policy: Policy): void {
  preprocessingContract(policy, { normalisation: toPlusMinusOne });
}
