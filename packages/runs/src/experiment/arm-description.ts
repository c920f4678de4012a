import { isAugmentName, mixDefaults } from '@fixres/data';
import type { ArmSpec } from './experiment.ts';

/** An arm's description, with the augmentations of its training images and how batches are mixed. */
export function armDescription({
  description,
  trainPolicy,
  mix,
}: Pick<ArmSpec, 'description' | 'trainPolicy' | 'mix'>): string {
  // Policies of earlier versions may lack steps.
  const { steps = [] } = trainPolicy as Partial<ArmSpec['trainPolicy']>;
  const names = steps.map(({ op }) => op).filter((op) => isAugmentName(op) || op === 'colorJitter');
  return [
    description,
    ...(names.length > 0 ? [`Augmented with ${names.join(', ')}.`] : []),
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
