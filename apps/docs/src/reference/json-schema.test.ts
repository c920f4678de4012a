import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../repository.ts';
import { eventsPage } from './events.ts';
import { experimentFilePage } from './experiment-file.ts';
import { type JsonSchema, keyTable, SchemaReader } from './json-schema.ts';

const rows = (schema: JsonSchema): string[] =>
  new SchemaReader(schema)
    .rows('k', schema, false)
    .map(({ path, type, isRequired, description }) =>
      [path, type, isRequired ? 'required' : '', description].join(' | '),
    );

describe('values in words', () => {
  it.each<[JsonSchema, string]>([
    [{ type: 'integer', minimum: 1, maximum: 9 }, 'whole number from 1 to 9'],
    [{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }, 'whole number at least 0'],
    [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 'number above 0, below 1'],
    [{ type: 'number', exclusiveMinimum: 0, maximum: 5 }, 'number above 0, at most 5'],
    [{ type: 'number' }, 'number'],
    [{ enum: ['a', 1] }, '`a`, `1`'],
    [{ const: true }, '`true`'],
    [
      { anyOf: [{ type: 'string' }, { anyOf: [{ type: 'null' }, { type: 'string' }] }] },
      'text or `null`',
    ],
    [{ type: 'array', items: { type: 'boolean' } }, 'list of: `true`, `false`'],
    [{}, 'any value'],
  ])('%j: %s', (schema, words) => {
    expect(new SchemaReader(schema).type(schema)).toBe(words);
  });
});

describe('rows of keys', () => {
  it('follow references, whose own description takes precedence', () => {
    expect(
      rows({
        type: 'object',
        properties: { a: { $ref: '#/$defs/x', description: 'near' } },
        required: ['a'],
        $defs: { x: { type: 'string', description: 'far' } },
      }),
    ).toEqual(['k | mapping |  | ', 'k.a | text | required | near']);
  });

  it('state which alternative of a union has a key, and require only what all do', () => {
    const option = (type: string, key: string): JsonSchema => ({
      type: 'object',
      properties: { type: { const: type }, rate: { type: 'number' }, [key]: { type: 'number' } },
      required: ['type', key],
    });
    expect(rows({ anyOf: [option('step', 'every'), option('cosine', 'minimum')] })).toEqual([
      'k | mapping |  | ',
      'k.type | `step` or `cosine` | required | ',
      'k.rate | number |  | ',
      'k.every | number |  | with `type: step`',
      'k.minimum | number |  | with `type: cosine`',
    ]);
  });

  it('state a type once that alternatives share', () => {
    const option = (key: string): JsonSchema => ({
      type: 'object',
      properties: {
        [key]: { type: 'number' },
        list: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
      },
      required: [key],
    });
    expect(rows({ anyOf: [option('a'), option('b')] })).toContain(
      'k.list | list of: text or `null` |  | ',
    );
  });

  it('name a structure that was listed before', () => {
    const pair: JsonSchema = {
      type: 'object',
      properties: { x: { type: 'number' }, y: { type: 'number' } },
    };
    expect(
      rows({ type: 'object', properties: { a: pair, b: { ...pair, description: 'other' } } }),
    ).toEqual([
      'k | mapping |  | ',
      'k.a | mapping |  | ',
      'k.a.x | number |  | ',
      'k.a.y | number |  | ',
      'k.b | as `k.a` |  | other',
    ]);
  });

  it('are a table in which text is no markup', () => {
    const row = { path: 'a', type: '`x|y`', isRequired: true, description: '<b> | "*/{c}_*"' };
    expect(keyTable([row]).split('\n')[2]).toBe(
      '| `a` (required) | `x\\|y` | &lt;b> \\| "\\*/{c}\\_\\*" |',
    );
  });
});

describe('the pages', () => {
  // The last cell is empty, or states only when the key applies.
  const withoutMeaning = /^\|.*\| *(with [^|]*)?\|$/m;
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const schema = (name: string): JsonSchema =>
    JSON.parse(read(`packages/runs/${name}.schema.json`)) as JsonSchema;

  it('of the experiment file contains every key of the schema', () => {
    const page = experimentFilePage(schema('experiment'));
    const keys = new Set<string>();
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('properties' in value)
        for (const key of Object.keys(value.properties as object)) keys.add(key);
      Object.values(value).forEach(collect);
    };
    collect(schema('experiment'));
    keys.delete('$schema');
    expect(keys.size).toBeGreaterThan(80);
    expect([...keys].filter((key) => !new RegExp(`[\`.]${key}\``).test(page))).toEqual([]);
    expect(page).toContain('| `arms[].schedule.rate` (required) | number at least 0 |');
    expect(page).not.toMatch(withoutMeaning);
  });

  it('of events has each event with a description', () => {
    const events = schema('events');
    const page = eventsPage(events, read('packages/runs/run-folder.md'));
    expect(page.match(/^## /gm)).toHaveLength(events.oneOf!.length);
    expect(page).toContain('## frozen-verified\n\nNo frozen variable moved.');
    expect(page).not.toMatch(withoutMeaning);
    expect(() => eventsPage(events, '')).toThrow(
      'run-folder.md does not describe the event run-start.',
    );
  });
});
