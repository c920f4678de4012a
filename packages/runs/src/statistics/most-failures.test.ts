import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mostFailures } from './most-failures.ts';

const { mostFailures: cases } = JSON.parse(
  readFileSync(new URL('fixtures/scipy.json', import.meta.url), 'utf8'),
) as { mostFailures: { n: number; limit: number; level: number; most: number }[] };

it('is the quantile of scipy', () => {
  expect(cases.length).toBe(48);
  for (const { n, limit, level, most } of cases)
    expect(mostFailures(n, limit, level), `${n} ${limit} ${level}`).toBe(most);
});

it('needs 59 images without failure to show less than 5 % with 95 % confidence', () => {
  // 0.95^58 = 0.051, 0.95^59 = 0.0485
  expect([58, 59].map((n) => mostFailures(n, 0.05, 0.05))).toEqual([-1, 0]);
});
