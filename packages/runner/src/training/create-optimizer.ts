import { type FreezeHandle, layerRates, weightDecayOptions } from '@fixres/finetune';
import { Adam, LAMB, type LayerGroup, RMSprop, SGD, type SlotOptimizer } from '@fixres/models';
import { FixresRunnerError } from '../errors.ts';
import type { ArmSpec, OptimizerSpec } from '@fixres/runs';

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
  const { weightDecay } = optimizer;
  const { l2, ...decay } = weightDecay === undefined ? {} : weightDecayOptions(handle, weightDecay);
  const rateOf = rates === undefined ? {} : { rateOf: layerRates(handle, rates, { groups }) };
  const { rate } = schedule;
  if (l2 !== undefined && optimizer.type !== 'sgd')
    throw new FixresRunnerError(
      'bad-option',
      `Option "weightDecay.kind" is "l2", which requires sgd; with ${optimizer.type} it must be ` +
        '"decoupled".',
    );
  switch (optimizer.type) {
    case 'adam':
      return new Adam(rate, { ...without(optimizer), ...decay, ...rateOf });
    case 'lamb':
      return new LAMB(rate, { ...without(optimizer), ...decay, ...rateOf });
    case 'rmsprop':
      return new RMSprop(rate, { ...without(optimizer), ...decay, ...rateOf });
    case 'sgd':
      return new SGD(rate, {
        ...without(optimizer),
        ...decay,
        ...rateOf,
        ...(l2 === undefined ? {} : { l2 }),
      });
  }
}

/** The settings of an optimiser alone. */
function without<T extends OptimizerSpec>({
  type: _type,
  weightDecay: _decay,
  ...settings
}: T): Omit<T, 'type' | 'weightDecay'> {
  return settings;
}
