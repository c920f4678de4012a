import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script: string = fileURLToPath(new URL('../scripts/soak.mjs', import.meta.url));

it('keeps its memory while fifty clients come, follow a growing run and go', async () => {
  const minutes = process.env.CI ? '1' : '0.15';
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--minutes', minutes, '--clients', '50', '--json']);
  const result = JSON.parse(stdout) as { heapGrowthMb: number; sentMb: number; clientsAfter: number };
  expect(result.clientsAfter).toBe(0);
  expect(result.sentMb).toBeGreaterThan(0);
  expect(result.heapGrowthMb).toBeLessThan(20);
});
