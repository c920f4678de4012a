import { imageSizeText, policyLabel, type Size } from '@fixres/data';
import { type Fields, isFields } from '../fields.ts';

/** The value of a setting. */
export type ConfigValue = string | number | boolean | null;

/** Longest list of settings; the rest is left out. */
const MAX_KEYS = 400;
const MAX_TEXT = 160;

/**
 * A run's configuration as a flat list of settings, so that runs can be grouped and compared by any
 * of them. The experiment's own fields lose their prefix, arms and other named list entries are
 * identified by their names, policies become `<name>@<size>`, and sizes that are rectangles text: `model.name`,
 * `small.schedule.rate`, `fixres.testPolicy`. Of a part, the whole experiment is left out;
 * of a measured size, the candidates, because the chosen policies are those of the arm.
 */
export function flattenConfig(config: unknown): Record<string, ConfigValue> {
  const flat: Record<string, ConfigValue> = {};
  visit(config, '', flat);
  return flat;
}

function visit(value: unknown, path: string, flat: Record<string, ConfigValue>): void {
  if (Object.keys(flat).length >= MAX_KEYS) return;
  if (isScalar(value)) {
    if (path !== '') flat[path] = typeof value === 'string' ? value.slice(0, MAX_TEXT) : value;
  } else if (Array.isArray(value)) {
    visitList(value as unknown[], path, flat);
  } else if (typeof value === 'object') {
    const fields = value as Fields;
    const text = policyKey(fields) ?? sizeText(fields);
    if (text !== undefined) {
      flat[path] = text;
      return;
    }
    for (const [name, entry] of Object.entries(fields)) {
      if (['description', 'measuredSize'].includes(name) || (path === 'part' && name === 'of'))
        continue;
      visit(entry, name === 'experiment' ? path : joined(path, name), flat);
    }
  }
}

function visitList(
  list: readonly unknown[],
  path: string,
  flat: Record<string, ConfigValue>,
): void {
  const named = list.every(
    (entry) => isFields(entry) && typeof entry.name === 'string' && policyKey(entry) === undefined,
  );
  if (named && list.length > 0) {
    for (const { name, ...fields } of list as (Fields & { name: string })[]) {
      visit(fields, path === 'arms' ? name : joined(path, name), flat);
    }
    return;
  }
  flat[path] = list.map(label).join(', ').slice(0, MAX_TEXT);
}

function label(entry: unknown): string {
  if (isScalar(entry)) return String(entry);
  const policy = isFields(entry) ? policyKey(entry) : undefined;
  if (policy !== undefined) return policy;
  if (isFields(entry) && typeof entry.a === 'string' && typeof entry.b === 'string')
    return `${entry.a} - ${entry.b} (${String(entry.policy)})`;
  return JSON.stringify(entry);
}

/** `<name>@<size>` of a value that looks like a policy. */
function policyKey(fields: Fields): string | undefined {
  const { name, output, steps } = fields;
  if (typeof name !== 'string' || !Array.isArray(steps) || !isFields(output)) return undefined;
  return policyLabel({ name, output: output as unknown as Size });
}

/** `192x256` of a value that looks like an image size. */
function sizeText(fields: Fields): string | undefined {
  const { height, width, ...more } = fields;
  const isSize =
    typeof height === 'number' && typeof width === 'number' && Object.keys(more).length === 0;
  return isSize ? imageSizeText({ height, width }) : undefined;
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function isScalar(value: unknown): value is ConfigValue {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
