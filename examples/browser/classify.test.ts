import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { namedPolicy, preprocessingContract, toPlusMinusOne } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { createModel, type JsonValue, type ModelCard } from '@fixres/models';
import { saveModelFolder } from '@fixres/models/node';
import { encodeTflite } from '@fixres/models/tflite';
import { exportTflite } from '@fixres/runner';
import { launchBrowser, samplePhotos, temporaryFolder } from '@fixres/testing';
import { predict } from 'fixres';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import { build } from 'vite';
import { expect, it, onTestFinished } from 'vitest';

const classNames = ['animals', 'fish', 'monuments', 'tools', 'windmills'];
// The levels of PNG files do not depend on the decoder.
const photo = join(samplePhotos, 'tools/wrench.png');

/** Writes a folder as `fixres export --format tflite` does. Returns fixres's own predictions. */
async function exported(folder: string): Promise<number[]> {
  await useEngine({ engine: 'wasm' });
  const policy = namedPolicy('shortSideCrop', { size: 64 });
  const contract = preprocessingContract(policy, { normalisation: toPlusMinusOne });
  const model = createModel('resnet14v2', { classes: 5, width: 4 });
  const card: ModelCard = { version: 1, classNames, contract: contract as unknown as JsonValue };
  const own = join(await temporaryFolder(), 'model');
  await saveModelFolder(model, own, card);
  await mkdir(folder);
  await writeFile(
    join(folder, 'model.tflite'),
    encodeTflite(await exportTflite(model, { contract })),
  );
  await writeFile(join(folder, 'fixres.json'), JSON.stringify(card));
  model.dispose();
  const [result] = await predict({ model: own, images: [photo], engine: 'wasm' });
  if (!result || 'error' in result) throw new Error(result?.error);
  return result.probabilities;
}

it('the page classifies a dropped photo as fixres does', { tags: 'browser' }, async () => {
  const folder = await temporaryFolder();
  const root = fileURLToPath(new URL('classify', import.meta.url));
  const outDir = join(folder, 'page');
  await build({
    root,
    configFile: false,
    // A model that was exported for trying the page is not this test's.
    publicDir: false,
    logLevel: 'error',
    build: { outDir, target: 'esnext', minify: false },
  });
  const expected = await exported(join(outDir, 'model'));
  const litert = dirname(createRequire(import.meta.url).resolve('@litertjs/core/package.json'));
  await cp(join(litert, 'wasm'), join(outDir, 'litert'), { recursive: true });
  const app = new Hono().use('*', serveStatic({ root: outDir }));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  onTestFinished(() => void server.close());
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const status = page.getByRole('status');
  await expect.poll(() => status.textContent()).toBe('Ready.');

  const drop = (bytes: Buffer, name: string): Promise<void> =>
    page.evaluate(
      ([base64, fileName]) => {
        const content = Uint8Array.from(atob(base64!), (character) => character.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([content], fileName!));
        document.querySelector('#target')!.dispatchEvent(new DragEvent('drop', { dataTransfer }));
      },
      [bytes.toString('base64'), name],
    );
  await drop(await readFile(photo), 'wrench.png');
  await expect.poll(() => status.textContent()).toBe('Done.');
  const rows = await page.getByRole('listitem').allTextContents();
  const shown = rows.map((row) => /^(\w+): ([\d.]+) %$/.exec(row)!.slice(1));
  expect(shown.map(([label]) => label).sort()).toEqual(classNames);
  for (const [label, percent] of shown)
    expect(Math.abs(Number(percent) / 100 - expected[classNames.indexOf(label!)]!)).toBeLessThan(
      0.002,
    );

  await drop(Buffer.from('text'), 'text.txt');
  await expect.poll(() => status.textContent()).toMatch(/not a photo/);
  // The answer to the last one counts, also if an earlier one takes longer.
  await Promise.all([
    drop(await readFile(photo), 'wrench.png'),
    drop(Buffer.from('text'), 'b.txt'),
  ]);
  await expect.poll(() => status.textContent()).toMatch(/not a photo/);
  await page.waitForTimeout(500);
  expect(await page.getByRole('listitem').count()).toBe(0);

  await page.route('**/model/fixres.json', (route) => route.fulfill({ status: 404 }));
  await page.reload();
  await expect
    .poll(() => status.textContent())
    .toBe('The model cannot be loaded: model/fixres.json: 404 Not Found');
  await drop(await readFile(photo), 'wrench.png');
  await expect.poll(() => status.textContent()).toMatch(/^The model cannot be loaded: /);
  expect(errors).toEqual([]);
});
