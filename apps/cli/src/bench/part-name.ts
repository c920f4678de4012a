import type { MeasuredKind } from '@fixres/runner';

const names: Record<MeasuredKind, string> = {
  train: 'training',
  finetune: 'fine-tuning on images',
  features: 'features of frozen layers',
  head: 'fine-tuning on cached features',
  evaluate: 'evaluation',
};

/** What a kind of work is called in the output of `bench`. */
export function partName(kind: MeasuredKind): string {
  return names[kind];
}
