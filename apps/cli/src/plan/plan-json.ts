import type { ImageSize, TestCandidate } from '@fixres/data';
import type { MadePlan } from './make-plan.ts';
import type { MeasuredPlan } from './measure-plan.ts';
import { planWarnings } from './plan-warnings.ts';

/** The output of `fixres plan --json`. */
export interface PlanJson {
  dataset: string;
  trainPolicy: string;
  trainSize: ImageSize;
  candidates: {
    policy: string;
    imageSize: number;
    cropSize: ImageSize;
    /** Apparent size at test time / in training. */
    ratio: { mean: number; p10: number; p50: number; p90: number };
    /** How much wider objects look than in training, relative to their height. */
    stretch: number;
    /** 0 to 1. */
    upsampledShare: number;
    /** Relative to the compute at the train size. */
    relativeFlops: number;
  }[];
  matched: { imageSize: number; cropSize: ImageSize };
  /** An estimate from the sizes of the images. */
  recommendation: { policy: string; imageSize: number; cropSize: ImageSize; reason: string };
  /** Reasons why measuring may contradict the estimate. */
  warnings: string[];
  /** With a model: what was measured, which decides; otherwise null. */
  measured: MeasuredPlan | null;
}

export function planJson({ dataset, plan, measured }: MadePlan): PlanJson {
  const { trainPolicy, trainSize, candidates, matched, recommendation } = plan;
  return {
    dataset,
    trainPolicy: trainPolicy.name,
    trainSize,
    candidates: candidates.map(candidateJson),
    matched: { imageSize: matched.imageSize, cropSize: matched.cropSize },
    recommendation: {
      policy: recommendation.policy.name,
      imageSize: recommendation.imageSize,
      cropSize: recommendation.cropSize,
      reason: recommendation.reason,
    },
    warnings: planWarnings(plan),
    measured,
  };
}

function candidateJson(candidate: TestCandidate): PlanJson['candidates'][number] {
  const { policy, imageSize, cropSize, ratio, stretch, upsampledShare, relativeFlops } = candidate;
  const { mean, p10, p50, p90 } = ratio;
  return {
    policy: policy.name,
    imageSize,
    cropSize,
    ratio: { mean, p10, p50, p90 },
    stretch,
    upsampledShare,
    relativeFlops,
  };
}
