import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { addons } from './addons.ts';

it.each(Object.entries(addons))('names the source of %s', (name, { digest }) => {
  const source = readFileSync(fileURLToPath(new URL(`../../native/${name}.cc`, import.meta.url)));
  expect(digest).toBe(createHash('sha256').update(source).digest('hex').slice(0, 8));
});
