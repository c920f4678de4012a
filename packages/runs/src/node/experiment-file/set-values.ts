import { nearNames } from '@fixres/finetune/settings';
import { parse } from 'yaml';
import { FixresRunsError } from '../../errors.ts';
import { experimentJsonSchema } from '../../experiment-file/experiment-json-schema.ts';
import { type Fields, fieldsOf, isFields } from '../../fields.ts';

/** The part of JSON Schema used here. */
interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: unknown;
  items?: Schema;
  const?: unknown;
  type?: string;
}

/**
 * Sets values in an experiment, named as in `--set arms.fixres.schedule.rate=1e-4`. List entries
 * are identified by name, or by position from 0. Values are YAML; `null` removes a setting.
 *
 * @param settings `<path>=<value>` each
 * @returns a changed copy, to be checked by `parseExperiment`
 * @throws FixresRunsError `bad-option` for a path that experiments do not have, with the nearest
 * name
 */
export function setValues(experiment: Fields, settings: readonly string[]): Fields {
  const changed = structuredClone(experiment);
  if (settings.length === 0) return changed;
  if (typeof changed.dataset === 'string') changed.dataset = { source: changed.dataset };
  const root = experimentJsonSchema();
  for (const setting of settings) {
    const [, path, text] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    if (path === undefined) throw bad(setting, 'it must be <path>=<value>');
    setValue(changed, root, { setting, path, value: valueOf(setting, text!) });
  }
  return changed;
}

function valueOf(setting: string, text: string): unknown {
  try {
    // YAML 1.2 parses 1e-4 as a number, like JSON.
    return parse(text) as unknown;
  } catch (cause) {
    throw bad(setting, `its value is not YAML: ${(cause as Error).message.split('\n')[0]!}`);
  }
}

function setValue(
  experiment: Fields,
  root: Fields,
  { setting, path, value }: { setting: string; path: string; value: unknown },
): void {
  const alternatives = alternativesIn(root);
  let schemas = alternatives(root);
  let place: unknown = experiment;
  for (let rest = path; ;) {
    const [key, next] = Array.isArray(place)
      ? entryOf(place as unknown[], rest, setting)
      : keyOf(rest, fitting(schemas, place), setting);
    const container = place as Record<string | number, unknown>;
    const inner = Array.isArray(place)
      ? schemas.flatMap(({ items }) => (items ? alternatives(items) : []))
      : fitting(schemas, place).flatMap(({ properties }) =>
          Object.hasOwn(properties ?? {}, key) ? alternatives(properties![key]!) : [],
        );
    if (next === undefined) {
      const isRemoved = value === null && !inner.some(({ type }) => type === 'null');
      if (!isRemoved) container[key] = value;
      else if (Array.isArray(place)) place.splice(Number(key), 1);
      else Reflect.deleteProperty(container, key);
      return;
    }
    container[key] = opened(container[key], inner);
    place = container[key];
    schemas = inner;
    rest = next;
  }
}

/**
 * The value as an object or a list in which something can be set. A shorthand such as `optimizer:
 * sgd` is expanded.
 */
function opened(value: unknown, schemas: readonly Schema[]): unknown {
  if (isFields(value) || Array.isArray(value)) return value;
  const isType = schemas.some(({ properties }) => properties?.type?.const === value);
  return isType && value !== undefined ? { type: value } : {};
}

/** The key at the start of a path, and the rest of the path. */
function keyOf(
  path: string,
  schemas: readonly Schema[],
  setting: string,
): [key: string, rest: string | undefined] {
  const [key, ...rest] = path.split('.');
  const known = [...new Set(schemas.flatMap(({ properties }) => Object.keys(properties ?? {})))];
  // Steps of policies have their own settings, which `@fixres/data` checks.
  const isOpen = schemas.some(({ additionalProperties }) => isFields(additionalProperties));
  if (!known.includes(key!) && !isOpen) throw unknown(setting, key!, known);
  return [key!, rest.length === 0 ? undefined : rest.join('.')];
}

/**
 * The position of the entry at the start of a path. Names can contain dots, so the longest matching
 * name is used.
 */
function entryOf(
  list: readonly unknown[],
  path: string,
  setting: string,
): [place: number, rest: string | undefined] {
  const names = list.map((entry, place) => {
    const { name } = fieldsOf(entry);
    return typeof name === 'string' ? name : String(place);
  });
  const named = names
    .filter((name) => path === name || path.startsWith(`${name}.`))
    .sort((a, b) => b.length - a.length)[0];
  const [first] = path.split('.', 1);
  const name = named ?? first!;
  const place = named === undefined && /^\d+$/.test(name) ? Number(name) : names.indexOf(name);
  if (!(place in list)) throw unknown(setting, name, names);
  return [place, path === name ? undefined : path.slice(name.length + 1)];
}

/** The alternatives of a union that fit a value; all of them if none fits. */
function fitting(schemas: readonly Schema[], value: unknown): readonly Schema[] {
  const objects = schemas.filter(({ type }) => type === 'object');
  const fields = fieldsOf(value);
  const fit = objects.filter(
    ({ properties = {}, required = [] }) =>
      required.every((key) => Object.hasOwn(fields, key)) &&
      Object.entries(fields).every(
        ([key, each]) => properties[key]?.const === undefined || properties[key].const === each,
      ),
  );
  return fit.length > 0 ? fit : objects;
}

function alternativesIn(root: Fields): (schema: Schema) => Schema[] {
  const alternatives = (schema: Schema): Schema[] => {
    const { $ref, anyOf, oneOf } = schema;
    if ($ref !== undefined) {
      const keys = $ref.replace(/^#\//, '').split('/');
      return alternatives(keys.reduce<Fields>((at, key) => fieldsOf(at[key]), root));
    }
    return (anyOf ?? oneOf)?.flatMap(alternatives) ?? [schema];
  };
  return alternatives;
}

function unknown(setting: string, key: string, known: readonly string[]): FixresRunsError {
  if (known.length === 0) return bad(setting, `nothing can be set at "${key}"`);
  const near = nearNames(key, known);
  const hint =
    near.length > 0 ? `did you mean ${near.join(', ')}?` : `there are ${known.join(', ')}.`;
  return bad(setting, `there is no "${key}"; ${hint}`);
}

function bad(setting: string, reason: string): FixresRunsError {
  return new FixresRunsError(
    'bad-option',
    `Setting "${setting}": ${reason}${/[.?]$/.test(reason) ? '' : '.'}`,
  );
}
