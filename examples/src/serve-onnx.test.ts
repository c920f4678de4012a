import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { namedPolicy, preprocessingContract, toPlusMinusOne } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { createModel, type JsonValue, type ModelCard } from '@fixres/models';
import { saveModelFolder } from '@fixres/models/node';
import { encodeOnnx } from '@fixres/models/onnx';
import { exportOnnx } from '@fixres/runner';
import { samplePhotos, temporaryFolder } from '@fixres/testing';
import { predict } from 'fixres';
import { expect, it, onTestFinished } from 'vitest';

const photos = ['tools/wrench.png', 'monuments/petra.jpg'].map((name) => join(samplePhotos, name));

/** A folder as `fixres export --format onnx --with-preprocessing` writes it, and fixres's own predictions. */
async function exported(): Promise<{ folder: string; expected: number[][]; classes: string[] }> {
  await useEngine({ engine: 'wasm' });
  const folder = await temporaryFolder();
  const classes = ['animals', 'fish', 'monuments', 'tools', 'windmills'];
  const policy = namedPolicy('shortSideCrop', { size: 64 });
  const contract = preprocessingContract(policy, { normalisation: toPlusMinusOne });
  const model = createModel('resnet14v2', { classes: 5, width: 4 });
  const card: ModelCard = {
    version: 1,
    classNames: classes,
    contract: contract as unknown as JsonValue,
  };
  await saveModelFolder(model, join(folder, 'model'), card);
  const graph = await exportOnnx(model, { contract, preprocessing: true });
  await writeFile(join(folder, 'model.onnx'), encodeOnnx(graph));
  await writeFile(join(folder, 'fixres.json'), JSON.stringify(card));
  model.dispose();
  const results = await predict({ model: join(folder, 'model'), images: photos, engine: 'wasm' });
  const expected = results.map((result) => {
    if ('error' in result) throw new Error(result.error);
    return result.probabilities;
  });
  return { folder, expected, classes };
}

it('serve-onnx answers as fixres predicts', async () => {
  const { folder, expected, classes } = await exported();
  const program = fileURLToPath(new URL('../dist/serve-onnx.js', import.meta.url));
  const server = spawn(process.execPath, [program, folder, '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    server.kill();
    await once(server, 'close');
  });
  const [url] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  for (const [i, photo] of photos.entries()) {
    const response = await fetch(url, { method: 'POST', body: await readFile(photo) });
    const answer = (await response.json()) as { label: string; probability: number }[];
    expect(answer.map(({ label }) => label).sort()).toEqual(classes);
    for (const { label, probability } of answer)
      expect(Math.abs(probability - expected[i]![classes.indexOf(label)]!)).toBeLessThan(0.01);
    expect(answer[0]!.probability).toBe(Math.max(...answer.map(({ probability }) => probability)));
  }
  const refused = await fetch(url, { method: 'POST', body: 'text' });
  expect(refused.status).toBe(400);
});

it(
  'classify_onnx.py prints the class that fixres predicts',
  { tags: 'python-onnxruntime' },
  async () => {
    const { folder, expected, classes } = await exported();
    const program = fileURLToPath(new URL('../python/classify_onnx.py', import.meta.url));
    const { stdout } = await promisify(execFile)(process.env.FIXRES_PYTHON_ONNXRUNTIME!, [
      program,
      folder,
      ...photos,
    ]);
    for (const [i, line] of stdout.trimEnd().split('\n').entries()) {
      const [photo, label, probability] = line.split(' ');
      expect(photo).toBe(photos[i]);
      expect(Math.abs(Number(probability) - expected[i]![classes.indexOf(label!)]!)).toBeLessThan(
        0.01,
      );
    }
  },
);
