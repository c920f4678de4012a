import { cell, table } from './markdown-text.ts';

/** The part of JSON Schema 2020-12 that the schemas of this repository use. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
}

/** A line of a table of keys. */
export interface KeyRow {
  /** `arms[].schedule.rate` */
  path: string;
  /** In words, as Markdown. */
  type: string;
  isRequired: boolean;
  description: string;
}

/** Describes the values of a JSON Schema. */
export class SchemaReader {
  readonly #defs: Record<string, JsonSchema>;
  /** Path of each larger schema that has been listed, by its JSON. */
  readonly #listed = new Map<string, string>();

  constructor(schema: JsonSchema) {
    this.#defs = schema.$defs ?? {};
  }

  /** A schema without a reference at its top. What stands beside a reference takes precedence. */
  resolve(schema: JsonSchema): JsonSchema {
    if (schema.$ref === undefined) return schema;
    const { $ref, ...beside } = schema;
    const name = $ref.replace('#/$defs/', '');
    const target = this.#defs[name];
    if (!target) throw new Error(`The schema refers to ${$ref}, which it does not define.`);
    return { ...this.resolve(target), ...beside };
  }

  /** Rows of a value and of all keys inside it. A structure that was listed before is named only. */
  rows(path: string, schema: JsonSchema, isRequired: boolean): KeyRow[] {
    const resolved = this.resolve(schema);
    const description = resolved.description ?? '';
    const type = this.type(resolved, path);
    const inside = type.startsWith('as ') ? [] : this.#inside(path, resolved);
    // Short ones are repeated, which reads better than to look them up.
    if (inside.length > 1) this.#list(path, resolved);
    return [{ path, type, isRequired, description }, ...inside];
  }

  #list(path: string, schema: JsonSchema): void {
    const structure = this.#structure(schema);
    if (!this.#listed.has(structure)) this.#listed.set(structure, path);
  }

  /** A schema as JSON without its own description, in which references are resolved. */
  #structure(schema: JsonSchema): string {
    const expand = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(expand);
      if (typeof value !== 'object' || value === null) return value;
      const resolved = this.resolve(value);
      return Object.fromEntries(Object.entries(resolved).map(([key, each]) => [key, expand(each)]));
    };
    return JSON.stringify(expand({ ...schema, description: undefined }));
  }

  #inside(path: string, schema: JsonSchema): KeyRow[] {
    const { properties = {}, required = [], items, anyOf, oneOf } = schema;
    const alternatives = (anyOf ?? oneOf ?? []).flatMap((each) => this.#alternatives(each));
    const variants = alternatives
      .filter((each) => each.properties)
      .map((each, _, all) => ({
        kind: variantName(each, all),
        rows: this.#inside(path, each),
      }));
    return [
      ...Object.entries(properties).flatMap(([key, each]) =>
        this.rows(`${path}.${key}`, each, required.includes(key)),
      ),
      ...(items ? this.#insideList(`${path}[]`, this.resolve(items)) : []),
      ...mergeVariants(variants),
    ];
  }

  #insideList(path: string, items: JsonSchema): KeyRow[] {
    if (this.#listed.has(this.#structure(items))) return [];
    const inside = this.#inside(path, items);
    if (inside.length > 1) this.#list(path, items);
    return inside;
  }

  /** The alternatives of a union, also of unions in it. */
  #alternatives(schema: JsonSchema): JsonSchema[] {
    const resolved = this.resolve(schema);
    const inner = resolved.anyOf ?? resolved.oneOf;
    return inner ? inner.flatMap((each) => this.#alternatives(each)) : [resolved];
  }

  /**
   * A type in words, as Markdown: `whole number from 8 to 4096`.
   *
   * @param path where it is, so that it is not described by itself
   */
  type(schema: JsonSchema, path?: string): string {
    const resolved = this.resolve(schema);
    const listed = this.#listed.get(this.#structure(resolved));
    if (listed !== undefined && listed !== path) return `as \`${listed}\``;
    if (resolved.enum) return resolved.enum.map(code).join(', ');
    if ('const' in resolved) return code(resolved.const);
    const union = resolved.anyOf ?? resolved.oneOf;
    if (union)
      return [...new Set(this.#alternatives(resolved).map((each) => this.type(each)))].join(' or ');
    switch (resolved.type) {
      case 'integer':
        return `whole number${range(resolved)}`;
      case 'number':
        return `number${range(resolved)}`;
      case 'boolean':
        return '`true`, `false`';
      case 'string':
        return resolved.format === 'date-time' ? 'time' : 'text';
      case 'null':
        return '`null`';
      case 'array':
        return resolved.items ? `list of: ${this.type(resolved.items)}` : 'list';
      case 'object':
        return 'mapping';
      default:
        return 'any value';
    }
  }
}

/** How an alternative of a union is told apart: `type: cosine`, or a key that only it requires. */
function variantName(
  variant: JsonSchema,
  all: readonly JsonSchema[],
): { name: string; key?: string } | undefined {
  const { properties: { type } = {}, required = [] } = variant;
  if (type && 'const' in type) return { name: `\`type: ${String(type.const)}\`` };
  const key = required.find((each) =>
    all.every((other) => other === variant || !other.properties?.[each]),
  );
  return key === undefined ? undefined : { name: `\`${key}\``, key };
}

/** The rows of a union: each path once, with the alternatives that have it if not all do. */
function mergeVariants(
  variants: readonly { kind: { name: string; key?: string } | undefined; rows: KeyRow[] }[],
): KeyRow[] {
  const merged = new Map<
    string,
    { row: KeyRow; types: string[]; names: string[]; count: number }
  >();
  for (const { kind, rows } of variants)
    for (const row of rows) {
      const { row: before, types = [], names = [], count = 0 } = merged.get(row.path) ?? {};
      const allTypes = [...new Set([...types, row.type])];
      merged.set(row.path, {
        row: {
          ...row,
          type: allTypes.join(' or '),
          description:
            before === undefined || before.description === ''
              ? row.description
              : before.description,
        },
        names:
          kind === undefined || row.path.endsWith(`.${kind.key}`) ? names : [...names, kind.name],
        types: allTypes,
        count: count + 1,
      });
    }
  return Array.from(merged.values(), ({ row, names, count }) => {
    if (count === variants.length) return row;
    // What one alternative requires is not required by the whole.
    const note = names.length > 0 ? `with ${names.join(' or ')}` : '';
    const description = [row.description, note].filter(Boolean).join('; ');
    return { ...row, isRequired: false, description };
  });
}

const code = (value: unknown): string =>
  `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  // JavaScript's largest whole number: no limit that anyone meets.
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const low = exclusiveMinimum ?? least;
  if (low !== undefined && exclusiveMinimum === undefined && most !== undefined)
    return ` from ${low} to ${most}`;
  const parts = [
    low !== undefined && (exclusiveMinimum === undefined ? `at least ${low}` : `above ${low}`),
    most !== undefined && `at most ${most}`,
    exclusiveMaximum !== undefined && `below ${exclusiveMaximum}`,
  ].filter(Boolean);
  return parts.length > 0 ? ` ${parts.join(', ')}` : '';
}

/** A table of keys. */
export function keyTable(rows: readonly KeyRow[]): string {
  return table(
    ['key', 'value', 'meaning'],
    rows.map(({ path, type, isRequired, description }) => [
      `\`${path}\`${isRequired ? ' (required)' : ''}`,
      cell(type),
      cell(description),
    ]),
  );
}
