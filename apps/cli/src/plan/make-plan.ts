import { resolve } from 'node:path';
import { isSameSize, namedPolicy, type Policy } from '@fixres/data';
import { modelFacts, modelFolderOf, type TrainedRun } from '@fixres/runner/node';
import { planTrainPolicy } from '../api/defaults.ts';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import type { EvaluateContext } from '../evaluate/evaluate-model.ts';
import { refuseModel } from '../files/refuse-model.ts';
import { type MeasuredPlan, measurePlan } from './measure-plan.ts';
import { type DatasetPlan, planDataset } from './plan-dataset.ts';
import type { PlanOptions } from './plan-options.ts';

/** An estimate, and what was measured with a model. */
export interface MadePlan extends DatasetPlan {
  /** Null without a model. */
  measured: MeasuredPlan | null;
}

/**
 * Recommends a test resolution: estimates it from the sizes of the images, and with a model
 * measures test policies on the held-out images.
 *
 * @param place model folder or run folder; undefined for an estimate alone
 * @throws ExitError, FixresRunnerError `bad-option`; errors of opening the model and the data set
 */
export async function makePlan(
  place: string | undefined,
  dataset: string,
  options: PlanOptions,
  context: EvaluateContext,
): Promise<MadePlan> {
  if (place === undefined) refuseModel(dataset, 'name the data set to measure it with after it');
  checkOptions(place, options);
  const ofModel = { arm: options.arm, seed: options.modelSeed };
  const facts =
    place === undefined
      ? undefined
      : await modelFacts(resolve(await modelFolderOf(place, ofModel)));
  const run = facts?.run;
  const trainPolicy = trainPolicyOf(place, run, options);
  const planned = await planDataset(dataset, { ...options, trainPolicy }, context);
  const measured =
    place === undefined
      ? null
      : await measurePlan(
          place,
          dataset,
          { options, planned, run, contract: facts?.contract },
          context,
        );
  return { ...planned, measured };
}

/** The train policy by its options, else that of the run. */
function trainPolicyOf(
  place: string | undefined,
  run: TrainedRun | undefined,
  { trainSize = run?.trainSize, trainPolicy }: PlanOptions,
): Policy {
  if (trainSize === undefined)
    throw new ExitError(
      exitCodes.usage,
      place === undefined
        ? "error: required option '--train-size <pixels>' not specified"
        : `error: The train size of "${place}" is not known, because it is no model of a run; name it with --train-size.`,
    );
  if (run !== undefined && trainPolicy === undefined && isSameSize(trainSize, run.trainSize))
    return run.trainPolicy;
  return namedPolicy(trainPolicy ?? planTrainPolicy, { size: trainSize, trainSize });
}

function checkOptions(place: string | undefined, options: PlanOptions): void {
  if (place !== undefined) return;
  const { arm, modelSeed, best, limit, heldOut } = options;
  const given = Object.entries({
    '--arm': arm,
    '--model-seed': modelSeed,
    '--best': best,
    '--limit': limit,
    '--held-out': heldOut,
  }).find(([, value]) => value !== undefined);
  if (given !== undefined)
    throw new ExitError(
      exitCodes.usage,
      `error: Option ${given[0]} is for measuring a model; name the model or run before the data set.`,
    );
}
