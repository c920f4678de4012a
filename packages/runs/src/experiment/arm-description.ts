import { isAugmentName, mixDefaults } from '@fixres/data';
import type { ArmSpec } from './experiment.ts';
import { sizeChoiceText } from './measured-size.ts';

/** An arm's description, with its measured size, the augmentations, the mixing and the choice of its training images. */
export function armDescription({
  description,
  trainPolicy,
  mix,
  sampling,
  measuredSize,
}: Pick<ArmSpec, 'description' | 'trainPolicy' | 'mix' | 'sampling' | 'measuredSize'>): string {
  // Policies of earlier versions may lack steps.
  const { steps = [] } = trainPolicy as Partial<ArmSpec['trainPolicy']>;
  const names = steps.map(({ op }) => op).filter((op) => isAugmentName(op) || op === 'colorJitter');
  return [
    description,
    ...(measuredSize?.choice ? [sizeChoiceText(measuredSize.choice)] : []),
    ...(names.length > 0 ? [`Augmented with ${names.join(', ')}.`] : []),
    ...(sampling === 'class-balanced' ? ['All classes are visited equally often.'] : []),
    ...(typeof sampling === 'object'
      ? [`Repeated augmentation: ${sampling.repeatedAugmentation} views of each visited image.`]
      : []),
    ...(mix ? [`Batches are mixed: ${mixText(mix)}.`] : []),
  ].join(' ');
}

/** How batches are mixed: `Mixup (0.2) or CutMix (1), in 80 % of the batches`. */
function mixText({
  mixup,
  cutmix,
  probability = mixDefaults.probability,
  switchProbability = mixDefaults.switchProbability,
}: NonNullable<ArmSpec['mix']>): string {
  const kinds = [
    ...(mixup === undefined ? [] : [`Mixup (alpha ${mixup})`]),
    ...(cutmix === undefined ? [] : [`CutMix (alpha ${cutmix})`]),
  ];
  const percent = (part: number): string => `${Math.round(part * 1000) / 10} %`;
  return [
    kinds.join(' or '),
    ...(kinds.length === 2 && switchProbability !== mixDefaults.switchProbability
      ? [`CutMix in ${percent(switchProbability)} of them`]
      : []),
    ...(probability === 1 ? [] : [`in ${percent(probability)} of the batches`]),
  ].join(', ');
}
