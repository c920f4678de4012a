import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchBrowser, openPage } from '@fixres/testing';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * The function in the page's bundle: reads a Keras file into a model, writes the model and reads it
 * again.
 */
const ENTRY = `
import '@tensorflow/tfjs-backend-cpu';
import { createModel, loadKerasWeights, readKerasWeights, writeKerasWeights } from '@fixres/models';
export async function thereAndBack(base64) {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const models = [0, 1].map((seed) => createModel('resnet26v2', { classes: 5, width: 2, seed }));
  const { arrays } = loadKerasWeights(models[0], await readKerasWeights(bytes));
  loadKerasWeights(models[1], await readKerasWeights(await writeKerasWeights(models[0])));
  const [first, second] = models.map((model) => model.getWeights().map((weight) => Array.from(weight.dataSync()).join()).join());
  const damaged = await readKerasWeights(bytes.slice(0, 5000)).catch((error) => error.code);
  return { arrays, same: first === second, damaged };
}
`;

describe('Keras weights in a browser', { tags: 'browser' }, () => {
  let folder: string;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fixres-bundle-'));
    const examples = fileURLToPath(new URL('..', import.meta.url));
    const entry = join(examples, 'node_modules', '.weights-entry.js');
    await writeFile(entry, ENTRY);
    try {
      await build({
        root: examples,
        configFile: false,
        logLevel: 'error',
        build: {
          outDir: folder,
          emptyOutDir: true,
          minify: false,
          lib: { entry, formats: ['iife'], name: 'fixres', fileName: () => 'weights.js' },
        },
      });
    } finally {
      await rm(entry);
    }
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['trained.keras', 'trained.h5'])('are read and written: %s', async (file) => {
    const page = await openPage(browser, 'about:blank');
    await page.addScriptTag({ content: await readFile(join(folder, 'weights.js'), 'utf8') });
    const keras = await readFile(
      new URL(`../../packages/models/test/fixtures/keras/${file}`, import.meta.url),
      'base64',
    );
    const result = await page.evaluate(`fixres.thereAndBack(${JSON.stringify(keras)})`);
    expect(result).toEqual({ arrays: 144, same: true, damaged: 'bad-weights-file' });
  });
});
