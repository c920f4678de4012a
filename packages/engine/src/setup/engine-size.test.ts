import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lackOfSpace } from './engine-size.ts';

it('reports the needed and the free space, for a folder that may not exist', async () => {
  const folder = join(tmpdir(), 'not', 'there');
  expect(await lackOfSpace(folder, 0)).toBeNull();
  expect(await lackOfSpace(folder, 1e9)).toMatch(
    /^not enough space in .*there: 1000000\.0 GB are needed, [\d.]+ (MB|GB) are free$/,
  );
});
