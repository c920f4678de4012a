import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as data from '@fixres/data';
import { launchBrowser } from '@fixres/testing';
import { build } from 'vite';
import { describe, expect, it, onTestFinished } from 'vitest';

/** Uses `@fixres/data` like a page: views of some photos, and a plan for the test resolution. */
function useData(library: typeof data): unknown {
  const sizes = [
    { width: 320, height: 240 },
    { width: 180, height: 300 },
    { width: 256, height: 256 },
  ];
  const policy = library.sampledBoundingBoxCrop(128);
  const views = sizes.map((size, i) =>
    library.viewOf(policy, size, library.createRandom(7, 'view', 0, i)),
  );
  const { matched, recommendation } = library.planResolution(sizes, policy, {
    trainSize: 128,
    draws: 2000,
  });
  return { views, rects: views.map((view) => library.sourceRect(view)), matched, recommendation };
}

describe('@fixres/data in a browser', { tags: 'browser' }, () => {
  it('bundles without Node modules, and computes the same geometry and plan as in Node', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fixres-bundle-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const examples = fileURLToPath(new URL('..', import.meta.url));
    const entry = join(examples, 'node_modules', '.browser-entry.js');
    await writeFile(entry, "export * from '@fixres/data';\n");
    onTestFinished(() => rm(entry, { force: true }));
    await build({
      root: examples,
      configFile: false,
      logLevel: 'error',
      build: {
        outDir: folder,
        emptyOutDir: true,
        minify: false,
        lib: { entry, formats: ['iife'], name: 'fixres', fileName: () => 'data.js' },
      },
    });
    const bundle = await readFile(join(folder, 'data.js'), 'utf8');
    // Vite replaces modules that browsers lack by empty ones, and names them in the bundle.
    expect(bundle).not.toMatch(/__vite-browser-external|require\(|import\(/);

    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.addScriptTag({ content: bundle });
    const inPage = await page.evaluate(`(${useData.toString()})(fixres)`);
    expect(errors).toEqual([]);
    expect(inPage).toEqual(JSON.parse(JSON.stringify(useData(data))));
  });
});
