// Writes experiment.schema.json and events.schema.json, the JSON Schemas of experiment files and of
// the event log, from the built package:
//
//   pnpm build && node scripts/make-schemas.mjs
import { writeFile } from 'node:fs/promises';
import { eventJsonSchema, experimentJsonSchema } from '../dist/index.js';

for (const [name, schema] of [
  ['experiment', experimentJsonSchema()],
  ['events', eventJsonSchema()],
]) {
  const file = new URL(`../${name}.schema.json`, import.meta.url);
  await writeFile(file, `${JSON.stringify(schema, null, 2)}\n`);
}
