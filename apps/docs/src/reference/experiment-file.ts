import { type JsonSchema, keyTable, SchemaReader } from './json-schema.ts';

/** The reference of experiment.yaml, from its JSON Schema. */
export function experimentFilePage(schema: JsonSchema): string {
  const reader = new SchemaReader(schema);
  const { properties = {}, required = [] } = schema;
  const sections = Object.entries(properties)
    .filter(([key]) => key !== '$schema')
    .map(([key, each]) => {
      const rows = reader.rows(key, each, required.includes(key));
      return `## ${key}\n\n${keyTable(rows)}`;
    });
  return [
    '# experiment.yaml',
    'Every key of an experiment file, from its JSON Schema `@fixres/runs/experiment.schema.json`. [Runs](/topics/runs.md) explains them with examples. `fixres init` writes a file with every setting and its default as a comment. `fixres run experiment.yaml --dry-run` prints an experiment with all defaults.',
    '`arms[].name` is the key `name` of each entry of the list `arms`. Editors that read the first line of the file complete and check the keys:',
    '```yaml\n# yaml-language-server: $schema=node_modules/@fixres/runs/experiment.schema.json\nversion: 1\ndataset: photos/\npreset: quick\n```',
    ...sections,
    '',
  ].join('\n\n');
}
