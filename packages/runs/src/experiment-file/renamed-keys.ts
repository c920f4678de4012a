import { FixresRunsError } from '../errors.ts';
import { type Fields, fieldsOf, isFields } from '../fields.ts';

type Names = Readonly<Record<string, string>>;

const policyPair: Names = { train: 'trainPolicy', test: 'testPolicy' };
const ema: Names = { average: 'ema' };

/**
 * Keys of earlier versions and their current names, by the path of their object. `[]` stands for
 * every entry of a list.
 */
const renamedKeys: readonly (readonly [place: string, names: Names])[] = [
  ['model', { size: 'imageSize' }],
  ['arms[]', { from: 'initFrom', ...policyPair, ...ema }],
  ['grid.train', { policy: 'trainPolicy', test: 'testPolicy', sizes: 'imageSizes', ...ema }],
  ['grid.finetune', ema],
  ['grid.finetune.policies[]', policyPair],
];

/** An experiment with current key names. */
export interface RenamedExperiment {
  content: Fields;
  /** A line for each renamed key. */
  notes: string[];
}

/**
 * Renames the keys of an earlier version's experiment, from a file or from `config.json` of a run.
 *
 * @throws FixresRunsError `bad-experiment` for an object that has a key under both names
 */
export function renameKeys(experiment: Fields): RenamedExperiment {
  const notes = new Set<string>();
  const content = structuredClone(experiment);
  for (const [place, names] of renamedKeys) {
    for (const object of objectsAt(content, place.split('.'))) {
      for (const [old, name] of Object.entries(names)) {
        if (!Object.hasOwn(object, old)) continue;
        rename(object, [old, name], place);
        notes.add(`${place}.${old} is now called ${name}.`);
      }
    }
  }
  if (typeof content.seeds === 'number') {
    rename(content, ['seeds', 'seedCount'], 'The experiment');
    notes.add('The number of seeds is now called seedCount; seeds is a list.');
  }
  return { content, notes: [...notes] };
}

/** In place, to keep the order of the keys. */
function rename(object: Fields, [old, name]: readonly [string, string], place: string): void {
  if (Object.hasOwn(object, name)) {
    throw new FixresRunsError(
      'bad-experiment',
      `${place} has ${old} and ${name}, which is its new name; remove ${old}.`,
    );
  }
  const entries = Object.entries(object);
  for (const key of Object.keys(object)) Reflect.deleteProperty(object, key);
  for (const [key, value] of entries) object[key === old ? name : key] = value;
}

function objectsAt(object: Fields, [key, ...rest]: readonly string[]): Fields[] {
  if (key === undefined) return [object];
  const name = key.replace(/\[\]$/, '');
  const value = object[name];
  const next = key === name ? [value] : Array.isArray(value) ? (value as unknown[]) : [];
  return next.filter(isFields).flatMap((each) => objectsAt(each, rest));
}

/** The same for `config.json` of a run; other values are returned unchanged. */
export function renameConfigKeys(config: unknown): unknown {
  if (!isFields(config) || !isFields(config.experiment)) return config;
  return { ...config, experiment: renameKeys(fieldsOf(config.experiment)).content };
}
