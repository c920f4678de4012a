import { type FreezeHandle, layerRates, weightDecayOptions } from '@fixres/finetune';
import { Adam, type LayerGroup, SGD, type SlotOptimizer } from '@fixres/models';
import { FixresRunnerError } from '../errors.ts';
import type { ArmSpec } from '@fixres/runs';

/**
 * The optimiser of an arm, for the variables that train under a freeze policy. Its learning rate is
 * set at every step.
 *
 * @throws FixresRunnerError `bad-option`; FixresModelsError and FixresFinetuneError for their
 * settings
 */
export function createOptimizer(
  {
    optimizer = { type: 'adam' },
    layerRates: rates,
    schedule,
  }: Pick<ArmSpec, 'optimizer' | 'layerRates' | 'schedule'>,
  handle: FreezeHandle,
  groups: readonly LayerGroup[],
): SlotOptimizer {
  const { type, weightDecay, ...settings } = optimizer;
  const { l2, ...decay } = weightDecay === undefined ? {} : weightDecayOptions(handle, weightDecay);
  const rateOf = rates === undefined ? {} : { rateOf: layerRates(handle, rates, { groups }) };
  const { rate } = schedule;
  if (type === 'sgd')
    return new SGD(rate, { ...settings, ...decay, ...rateOf, ...(l2 === undefined ? {} : { l2 }) });
  if (l2 === undefined) return new Adam(rate, { ...settings, ...decay, ...rateOf });
  throw new FixresRunnerError(
    'bad-option',
    'Option "weightDecay.kind" is "l2", which requires sgd; with adam it must be ' + '"decoupled".',
  );
}
