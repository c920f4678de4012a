import { type JsonSchema, keyTable, SchemaReader } from './json-schema.ts';

/** Keys that every event has. */
const common = ['n', 'time', 'type'];

/**
 * The reference of events.jsonl.
 *
 * @param runFolder the text of run-folder.md, whose table describes the events
 * @throws Error if the table lacks an event
 */
export function eventsPage(schema: JsonSchema, runFolder: string): string {
  const reader = new SchemaReader(schema);
  const meanings = eventMeanings(runFolder);
  const sections = (schema.oneOf ?? []).map((each, i) => {
    const { properties = {}, required = [] } = reader.resolve(each);
    const name = String(reader.resolve(properties.type!).const);
    const meaning = meanings.get(name);
    if (meaning === undefined)
      throw new Error(`run-folder.md does not describe the event ${name}.`);
    const rows = Object.entries(properties)
      .filter(([key]) => i === 0 || !common.includes(key))
      .flatMap(([key, value]) => reader.rows(key, value, required.includes(key)));
    const keys = rows.length > 0 ? keyTable(rows) : 'It has no other keys.';
    return `## ${name}\n\n${meaning}.\n\n${keys}`;
  });
  return [
    '# Events',
    'A run writes what happens to `events.jsonl`, one JSON object per line. `--ndjson` prints the same lines. This page lists the keys of each event, from the JSON Schema `@fixres/runs/events.schema.json`. [The run folder](/reference/run-folder.md#events) explains how the events belong together.',
    `Every event has ${common.map((key) => `\`${key}\``).join(', ')}, described under the first one.`,
    ...sections,
    '',
  ].join('\n\n');
}

/** The descriptions of events in the table of run-folder.md. */
function eventMeanings(runFolder: string): Map<string, string> {
  const rows = runFolder.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) +\| (.+?) +\|$/gm);
  return new Map(
    Array.from(rows, ([, names, meaning]) =>
      Array.from(
        names!.matchAll(/`([a-z-]+)`/g),
        ([, name]) => [name!, sentence(meaning!)] as const,
      ),
    ).flat(),
  );
}

const sentence = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
