import { FixresModelsError } from '../errors.ts';
import { isJsonObject, type JsonValue } from './json-value.ts';

/**
 * Metadata of a model folder in addition to topology and weights. Plain data, stored in
 * `userDefinedMetadata.fixres`.
 */
export interface ModelCard {
  version: 1;
  /** Arguments with which `createModel` creates the same model, except for its weights. */
  architecture?: { name: string; options: Readonly<Record<string, JsonValue>> };
  /** Names of the classes, in the order of the model's outputs. */
  classNames?: readonly string[];
  /**
   * The preprocessing contract: how to prepare images for the model. Opaque here: compared, but not
   * interpreted.
   */
  contract?: JsonValue;
}

/** More classes than any data set has, so that a hostile card cannot cost much. */
const MOST_CLASSES = 1_000_000;

/**
 * Checks a card that was read from a file.
 *
 * @param value parsed JSON; undefined (a folder of another program) returns an empty card
 * @param where how errors refer to it, for example a file name
 * @throws FixresModelsError `unknown-card-version`, `bad-model-card`
 */
export function parseModelCard(value: unknown, where: string): ModelCard {
  if (value === undefined) return { version: 1 };
  const bad = (what: string): FixresModelsError =>
    new FixresModelsError('bad-model-card', `The model card in ${where} ${what}.`);
  if (!isJsonObject(value)) throw bad('is not an object');
  if (value.version !== 1) {
    const message = `The model card in ${where} has version ${JSON.stringify(value.version)}; this release of fixres reads version 1.`;
    throw new FixresModelsError('unknown-card-version', message);
  }
  const { architecture, classNames, contract } = value;
  const card: ModelCard = { version: 1 };
  if (architecture !== undefined) {
    if (
      !isJsonObject(architecture) ||
      typeof architecture.name !== 'string' ||
      !isJsonObject(architecture.options)
    ) {
      throw bad('has an architecture that is not { name, options }');
    }
    card.architecture = { name: architecture.name, options: architecture.options };
  }
  if (classNames !== undefined) {
    const isList = Array.isArray(classNames) && classNames.length <= MOST_CLASSES;
    if (!isList || !classNames.every((name): name is string => typeof name === 'string'))
      throw bad('has class names that are not a list of texts');
    if (new Set(classNames).size < classNames.length) throw bad('names a class twice');
    card.classNames = classNames;
  }
  if (contract !== undefined) card.contract = contract;
  return card;
}
