import { preprocessingContract } from '@fixres/data';
import type { JsonValue, ModelCard } from '@fixres/models';
import type { ArmSpec, Experiment } from './experiment.ts';

/**
 * The card of a model that an arm trains: how to make it, its classes, and the preprocessing of the arm's own test policy. The model
 * scales pixels itself, so the contract asks for plain levels.
 *
 * @throws FixresDataError `bad-option` for a test policy that is more than a resize and a centre crop
 */
export function armCard(
  { name, width }: Experiment['model'],
  { testPolicy }: Pick<ArmSpec, 'testPolicy'>,
  classNames: readonly string[],
): ModelCard & Required<Pick<ModelCard, 'architecture'>> {
  const contract = preprocessingContract(testPolicy, { normalisation: { kind: 'scale', scale: 1, offset: 0 } });
  return {
    version: 1,
    architecture: { name, options: { classes: classNames.length, width, rescaling: { scale: 1 / 127.5, offset: -1 } } },
    classNames,
    contract: contract as unknown as JsonValue,
  };
}
