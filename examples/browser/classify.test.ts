import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { namedPolicy, preprocessingContract, toPlusMinusOne } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { createModel, type JsonValue, type ModelCard } from '@fixres/models';
import { saveModelFolder } from '@fixres/models/node';
import { encodeOnnx } from '@fixres/models/onnx';
import { encodeTflite } from '@fixres/models/tflite';
import { exportOnnx, exportTflite } from '@fixres/runner';
import { launchBrowser, samplePhotos, temporaryFolder } from '@fixres/testing';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { predict } from 'fixres';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import { build } from 'vite';
import { expect, it, onTestFinished } from 'vitest';

const classNames = ['animals', 'fish', 'monuments', 'tools', 'windmills'];
// The levels of PNG files do not depend on the decoder.
const photo = join(samplePhotos, 'tools/wrench.png');

const policy = namedPolicy('shortSideCrop', { size: 64 });
const contract = preprocessingContract(policy, { normalisation: toPlusMinusOne });
const card: ModelCard = { version: 1, classNames, contract: contract as unknown as JsonValue };

/** The folder of each runtime's files in `node_modules`, and how `fixres export` writes its model. */
const runtimes: Readonly<
  Record<string, { files: string; write: (model: LayersModel) => Promise<[string, Uint8Array][]> }>
> = {
  // The folder of the model itself.
  tfjs: { files: '@tensorflow/tfjs-backend-wasm/dist', write: () => Promise.resolve([]) },
  onnx: {
    files: 'onnxruntime-web/dist',
    write: async (model) => [
      ['model.onnx', encodeOnnx(await exportOnnx(model, { contract, preprocessing: true }))],
    ],
  },
  // The page's default, so the last one of the loop stays in place after it.
  litert: {
    files: '@litertjs/core/wasm',
    write: async (model) => [
      ['model.tflite', encodeTflite(await exportTflite(model, { contract }))],
    ],
  },
};

/** Writes a model for each runtime to `model-NAME`. Returns fixres's own predictions. */
async function exported(page: string): Promise<number[]> {
  await useEngine({ engine: 'wasm' });
  const model = createModel('resnet14v2', { classes: 5, width: 4 });
  for (const [name, { write }] of Object.entries(runtimes)) {
    const folder = join(page, `model-${name}`);
    await saveModelFolder(model, folder, card);
    await writeFile(join(folder, 'fixres.json'), JSON.stringify(card));
    for (const [file, bytes] of await write(model)) await writeFile(join(folder, file), bytes);
  }
  model.dispose();
  const [result] = await predict({
    model: join(page, 'model-tfjs'),
    images: [photo],
    engine: 'wasm',
  });
  if (!result || 'error' in result) throw new Error(result?.error);
  return result.probabilities;
}

it(
  'the page classifies a dropped photo as fixres does, in each runtime',
  { tags: 'browser' },
  async () => {
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
    const expected = await exported(outDir);
    const packages = fileURLToPath(new URL('../node_modules', import.meta.url));
    for (const [name, { files }] of Object.entries(runtimes))
      await symlink(join(packages, files), join(outDir, name));
    const app = new Hono().use('*', serveStatic({ root: outDir }));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    onTestFinished(() => void server.close());
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const status = page.getByRole('status');
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
    for (const name of Object.keys(runtimes)) {
      await rm(join(outDir, 'model'), { force: true });
      await symlink(`model-${name}`, join(outDir, 'model'));
      await page.goto(`${url}?runtime=${name}`);
      await expect.poll(() => status.textContent()).toBe('Ready.');
      await drop(await readFile(photo), 'wrench.png');
      await expect.poll(() => status.textContent()).toBe('Done.');
      const rows = await page.getByRole('listitem').allTextContents();
      const shown = rows.map((row) => /^(\w+): ([\d.]+) %$/.exec(row)!.slice(1));
      expect(shown.map(([label]) => label).sort()).toEqual(classNames);
      const differences = shown.map(([label, percent]) =>
        Math.abs(Number(percent) / 100 - expected[classNames.indexOf(label!)]!),
      );
      // ONNX Runtime prepares the photo itself, and its levels differ by at most one.
      expect([name, Math.max(...differences) < (name === 'onnx' ? 0.01 : 0.002)]).toEqual([
        name,
        true,
      ]);
    }

    await page.goto(url);
    await expect.poll(() => status.textContent()).toBe('Ready.');
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

    // A model without the names of its classes.
    await writeFile(
      join(outDir, 'model', 'fixres.json'),
      JSON.stringify({ ...card, classNames: undefined }),
    );
    await page.goto(url);
    await drop(await readFile(photo), 'wrench.png');
    await expect.poll(() => status.textContent()).toBe('Done.');
    const unnamed = await page.getByRole('listitem').allTextContents();
    expect(unnamed.map((row) => row.split(':')[0]).sort()).toEqual(
      classNames.map((_, i) => `class ${i}`),
    );

    await page.route('**/model/fixres.json', (route) => route.fulfill({ status: 404 }));
    await page.reload();
    await expect
      .poll(() => status.textContent())
      .toBe('The model cannot be loaded: model/fixres.json: 404 Not Found');
    await drop(await readFile(photo), 'wrench.png');
    await expect.poll(() => status.textContent()).toMatch(/^The model cannot be loaded: /);
    await page.goto(`${url}?runtime=torch`);
    await expect
      .poll(() => status.textContent())
      .toBe('The model cannot be loaded: runtime is "torch"; allowed are litert, onnx, tfjs');
    expect(errors).toEqual([]);
  },
);
