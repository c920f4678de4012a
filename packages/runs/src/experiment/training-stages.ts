import { imageSizeOf, isSameSize, type Policy, policyAtSize, sidesOf } from '@fixres/data';
import type { ArmSpec, ProgressiveResizing } from './experiment.ts';
import { progressiveDefaults } from './experiment-defaults.ts';
import { imagesTrained, type TrainingLength } from './training-length.ts';

/** What changes between the stages of a training. */
export interface TrainingStage {
  policy: Policy;
  dropout: number | undefined;
  dropPath: number | undefined;
  mix: ArmSpec['mix'] | undefined;
}

type StagedArm = Pick<ArmSpec, 'trainPolicy' | 'progressive' | 'dropout' | 'dropPath' | 'mix'>;

/** Sizes between the first and the last are multiples of this number of pixels. */
const MULTIPLE = 8;

/**
 * The stage of an epoch: size and regularisation grow linearly from stage to stage. A training of
 * fewer epochs than stages leaves out stages, but not the last one.
 *
 * @param epoch from 0
 * @param epochs of the whole training
 */
export function stageOf(arm: StagedArm, epoch: number, epochs: number): TrainingStage {
  const { trainPolicy: policy, progressive, dropout, dropPath, mix } = arm;
  if (progressive === undefined) return { policy, dropout, dropPath, mix };
  const { from } = progressive;
  const stages = stagesOf(progressive);
  // Counted from the end, so that the last epoch is always in the last stage.
  const stage = stages - 1 - Math.floor(((epochs - 1 - epoch) * stages) / epochs);
  const part = stage / (stages - 1);
  const between = (first: number, last: number): number => first + (last - first) * part;
  const grown = (first: number | undefined, last: number | undefined): number | undefined =>
    first === undefined ? last : between(first, last ?? 0);
  const isEnd = stage === 0 || stage === stages - 1;
  const side = (first: number, last: number): number =>
    isEnd ? between(first, last) : Math.round(between(first, last) / MULTIPLE) * MULTIPLE;
  const [first, last] = [sidesOf(from), policy.output];
  const size = imageSizeOf({
    height: side(first.height, last.height),
    width: side(first.width, last.width),
  });
  const mixup = grown(progressive.mixup, mix?.mixup);
  return {
    policy: withMagnitude(policyAtSize(policy, size), (last) => grown(progressive.magnitude, last)),
    dropout: grown(progressive.dropout, dropout),
    dropPath: grown(progressive.dropPath, dropPath),
    mix: mixed(mix, mixup),
  };
}

/** A policy whose RandAugment has another magnitude. */
function withMagnitude(policy: Policy, change: (last: number) => number | undefined): Policy {
  if (!policy.steps.some(({ op }) => op === 'randAugment')) return policy;
  const steps = policy.steps.map((step) =>
    step.op === 'randAugment'
      ? { ...step, magnitude: Math.round(change(step.magnitude) ?? step.magnitude) }
      : step,
  );
  return { ...policy, steps };
}

/** Mixing with another alpha of Mixup; an alpha of 0 mixes nothing. */
function mixed(mix: ArmSpec['mix'], mixup: number | undefined): ArmSpec['mix'] | undefined {
  if (mix?.mixup === undefined) return mix;
  const { mixup: _, ...rest } = mix;
  if (mixup !== undefined && mixup > 0) return { ...rest, mixup };
  return rest.cutmix === undefined ? undefined : rest;
}

/** The policies of all stages that an arm can have, from the first to the last. */
export function stagePolicies(arm: StagedArm): Policy[] {
  const stages = arm.progressive === undefined ? 1 : stagesOf(arm.progressive);
  return Array.from({ length: stages }, (_, stage) => stageOf(arm, stage, stages).policy);
}

function stagesOf({ stages = progressiveDefaults.stages }: ProgressiveResizing): number {
  return stages;
}

/** The images that epochs `from` to `to` (excluded) train on, by the policy of their stage. */
export function imagesBySize(
  arm: StagedArm,
  length: TrainingLength,
  { images, from = 0, to = length.epochs }: { images: number; from?: number; to?: number },
): { policy: Policy; trained: number }[] {
  const parts: { policy: Policy; trained: number }[] = [];
  for (let epoch = from; epoch < to; epoch++) {
    const { policy } = stageOf(arm, epoch, length.epochs);
    const trained = imagesTrained(length, epoch + 1, images) - imagesTrained(length, epoch, images);
    const last = parts.at(-1);
    if (last && isSameSize(last.policy.output, policy.output)) last.trained += trained;
    else parts.push({ policy, trained });
  }
  return parts;
}
