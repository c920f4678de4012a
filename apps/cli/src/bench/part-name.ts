import type { MeasuredKind, PartSpeed } from '@fixres/runner';
import type { Experiment } from '@fixres/runs';

const names: Record<MeasuredKind, string> = {
  train: 'training',
  finetune: 'fine-tuning on images',
  features: 'features of frozen layers',
  head: 'fine-tuning on cached features',
  evaluate: 'evaluation',
};

/** What a kind of work is called in the output of `bench`; with a precision that is not the experiment's. */
export function partName(
  { kind, precision }: Pick<PartSpeed, 'kind' | 'precision'>,
  experiment: Pick<Experiment, 'precision'>,
): string {
  const isUsual = precision === (experiment.precision ?? 'float32');
  return isUsual ? names[kind] : `${names[kind]} in ${precision}`;
}
