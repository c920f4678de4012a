import {
  type JpegDecoding,
  type MultiLabelHead,
  preprocessingContract,
  unscaled,
} from '@fixres/data';
import type { JsonValue, ModelCard } from '@fixres/models';
import { DEFAULT_THRESHOLD } from '../metrics/multi-label/thresholds.ts';
import type { ArmSpec, NewModel } from './experiment.ts';

/**
 * The card of a model that an arm trains: its classes, how to create it if known, and the
 * preprocessing of the arm's own test policy. The model scales pixels itself, so the contract asks
 * for unscaled levels.
 *
 * @throws FixresDataError `bad-option` for a test policy that is more than a resize and a centre
 * crop
 */
export function armCard(
  { testPolicy }: Pick<ArmSpec, 'testPolicy'>,
  classNames: readonly string[],
  architecture: ModelCard['architecture'],
  { decode, head }: { decode?: JpegDecoding | undefined; head?: MultiLabelHead | undefined } = {},
): ModelCard {
  const contract = preprocessingContract(testPolicy, {
    normalisation: unscaled,
    decode,
    head,
  });
  return {
    version: 1,
    ...(architecture === undefined ? {} : { architecture }),
    classNames,
    contract: contract as unknown as JsonValue,
  };
}

/** The head of a new multi-label model. */
export function multiLabelHead(classes: number): MultiLabelHead {
  return {
    activation: 'sigmoid',
    thresholds: new Array<number>(classes).fill(DEFAULT_THRESHOLD),
  };
}

/** How to create a model of an experiment. @param multiLabel whether images can have several classes */
export function newArchitecture(
  { name, width }: NewModel,
  classes: number,
  multiLabel = false,
): NonNullable<ModelCard['architecture']> {
  return {
    name,
    options: {
      classes,
      width,
      rescaling: { scale: 1 / 127.5, offset: -1 },
      ...(multiLabel && { classifierActivation: 'sigmoid' }),
    },
  };
}
