import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { browserMissing } from '../../cli/test/browser.ts';

const script: string = fileURLToPath(new URL('../scripts/first-paint.mjs', import.meta.url));
const missing = browserMissing();

it.skipIf(missing)(`shows a folder of 1,000 runs and 10 GB${missing ? ` (skipped: ${missing})` : ''}`, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--runs', '1000', '--gigabytes', '10', '--json']);
  const result = JSON.parse(stdout) as { rows: number; firstPaintSeconds: number };
  expect(result.rows).toBe(200);
  expect(result.firstPaintSeconds).toBeGreaterThan(0);
});
