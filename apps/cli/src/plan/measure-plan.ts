import { compareSizes, contractPolicy, type PreprocessingContract } from '@fixres/data';
import type { ResolutionChoice } from '@fixres/runner';
import type { TrainedRun } from '@fixres/runner/node';
import { evaluationKey } from '@fixres/runs';
import { type EvaluateContext, evaluateModel } from '../evaluate/evaluate-model.ts';
import type { EvaluationReport } from '../evaluate/evaluation-record.ts';
import { measuredCandidates } from './measured-candidates.ts';
import { type DatasetPlan, parseCandidates } from './plan-dataset.ts';
import type { PlanOptions } from './plan-options.ts';

/** What was measured with a model. */
export interface MeasuredPlan {
  model: EvaluationReport['model'];
  /** Number of held-out images: one half chose, the other confirmed. */
  images: number;
  search: ResolutionChoice;
  /** Key (`<policy>@<size>`) of the policy that was estimated from the sizes of the images. */
  estimated: string;
  /** Key of the policy to use: the chosen one if it is shown to be better than the model's own, else the model's own. */
  recommended: string;
}

export interface MeasurePlanTask {
  options: PlanOptions;
  planned: DatasetPlan;
  run: TrainedRun | undefined;
  /** How the model wants images, if it is known. */
  contract: PreprocessingContract | undefined;
}

/**
 * Measures test policies of a model on its held-out images: one half chooses, the other confirms.
 *
 * @throws FixresRunnerError `bad-option`; errors of opening the model and the data set
 */
export async function measurePlan(
  place: string,
  dataset: string,
  { options, planned, run, contract }: MeasurePlanTask,
  context: EvaluateContext,
): Promise<MeasuredPlan> {
  const { trainSize, recommendation } = planned.plan;
  const own = run?.arm.testPolicy ?? (contract && contractPolicy(contract, 'own'));
  const policies =
    options.candidates === undefined
      ? measuredCandidates(trainSize, own, recommendation.policy)
      : parseCandidates(options.candidates, trainSize);
  const distinct = new Map(
    [...(own ? [own] : []), recommendation.policy, ...policies].map((policy) => [
      evaluationKey(policy),
      policy,
    ]),
  );
  const estimated = evaluationKey(recommendation.policy);
  const { model, images, search } = await evaluateModel(
    place,
    dataset,
    {
      ...options,
      seed: options.modelSeed,
      policies: [...distinct.values()].sort((a, b) => compareSizes(a.output, b.output)),
      compare: [estimated],
      search: true,
      tta: 'none',
      split: 'held-out',
    },
    context,
  );
  const { chosen, baseline, comparison } = search!;
  return {
    model,
    images: images.count,
    search: search!,
    estimated,
    recommended: comparison?.verdict === 'better' ? chosen : baseline,
  };
}
