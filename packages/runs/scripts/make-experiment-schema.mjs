// Writes experiment.schema.json, the JSON Schema of experiment files, from the built package:
//
//   pnpm build && node scripts/make-experiment-schema.mjs
import { writeFile } from 'node:fs/promises';
import { experimentJsonSchema } from '../dist/index.js';

await writeFile(
  new URL('../experiment.schema.json', import.meta.url),
  `${JSON.stringify(experimentJsonSchema(), null, 2)}\n`,
);
