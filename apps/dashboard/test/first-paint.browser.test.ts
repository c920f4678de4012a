import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findBrowser } from '@fixres/testing';
import { expect, it } from 'vitest';

const script: string = fileURLToPath(new URL('../scripts/first-paint.mjs', import.meta.url));
it('the page shows a folder of 1,000 runs and 10 GB', { tags: 'browser' }, async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, '--runs', '1000', '--gigabytes', '10', '--json'],
    { env: { ...process.env, CHROME_PATH: findBrowser() } },
  );
  const result = JSON.parse(stdout) as { rows: number; firstPaintSeconds: number };
  expect(result.rows).toBe(200);
  expect(result.firstPaintSeconds).toBeGreaterThan(0);
});
