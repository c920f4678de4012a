import type { ResolutionPlan, TestCandidate } from '@fixres/data';

/** The output of `fixres plan --json`. */
export interface PlanJson {
  dataset: string;
  trainPolicy: string;
  trainSize: number;
  candidates: {
    policy: string;
    imageSize: number;
    cropSize: number;
    /** Apparent size at test time / in training. */
    ratio: { mean: number; p10: number; p50: number; p90: number };
    /** 0 to 1. */
    upsampledShare: number;
    /** Relative to the compute at the train size. */
    relativeFlops: number;
  }[];
  matched: { imageSize: number; cropSize: number };
  recommendation: { policy: string; imageSize: number; cropSize: number; reason: string };
}

export function planJson(dataset: string, plan: ResolutionPlan): PlanJson {
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
  };
}

function candidateJson(candidate: TestCandidate): PlanJson['candidates'][number] {
  const { policy, imageSize, cropSize, ratio, upsampledShare, relativeFlops } = candidate;
  const { mean, p10, p50, p90 } = ratio;
  return {
    policy: policy.name,
    imageSize,
    cropSize,
    ratio: { mean, p10, p50, p90 },
    upsampledShare,
    relativeFlops,
  };
}
