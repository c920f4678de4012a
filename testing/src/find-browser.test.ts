import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findBrowser } from './find-browser.ts';

test('prefers CHROME_PATH, then the search path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fixres-browser-'));
  try {
    const file = join(folder, 'chromium');
    writeFileSync(file, '');
    chmodSync(file, 0o755);
    expect(findBrowser({ CHROME_PATH: '/some/where/chrome', PATH: folder })).toBe(
      '/some/where/chrome',
    );
    expect(findBrowser({ PATH: folder })).toBe(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
