/// <reference lib="dom" />
// A page that classifies photos on the visitor's machine: LiteRT for the model, and @fixres/data to
// prepare photos exactly as the model's contract states.
//
//   fixres export runs/flowers --format tflite --out examples/browser/classify/public/model
//   cp -r examples/node_modules/@litertjs/core/wasm examples/browser/classify/public/litert
//   npx vite examples/browser/classify
import {
  contractPolicy,
  createRandom,
  drawingOf,
  drawPixels,
  normalisePixels,
  parsePreprocessingContract,
} from '@fixres/data';
import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';

const status = document.querySelector('#status')!;
const results = document.querySelector('#results')!;
const target = document.querySelector<HTMLElement>('#target')!;
const file = document.querySelector<HTMLInputElement>('#file')!;

const card = (await (await fetch('model/fixres.json')).json()) as {
  classNames: string[];
  contract: unknown;
};
const contract = parsePreprocessingContract(card.contract);
await loadLiteRt('litert/');
const model = await loadAndCompile('model/model.tflite', { accelerator: 'wasm' });
status.textContent = 'Ready.';

target.addEventListener('dragover', (event) => event.preventDefault());
target.addEventListener('drop', (event) => {
  event.preventDefault();
  void show(event.dataTransfer?.files[0]);
});
file.addEventListener('change', () => void show(file.files?.[0]));

async function show(photo: Blob | undefined): Promise<void> {
  if (photo === undefined) return;
  results.replaceChildren();
  status.textContent = 'Classifying…';
  try {
    const probabilities = await classify(photo);
    const rows = card.classNames
      .map((label, i) => ({ label, probability: probabilities[i]! }))
      .sort((a, b) => b.probability - a.probability);
    for (const { label, probability } of rows.slice(0, 5)) {
      const row = document.createElement('li');
      row.textContent = `${label}: ${(100 * probability).toFixed(1)} %`;
      results.append(row);
    }
    status.textContent = 'Done.';
  } catch {
    status.textContent = 'This file is not a photo that the browser can read.';
  }
}

/** The probability of each class. */
async function classify(photo: Blob): Promise<Float32Array> {
  // Upright, and in sRGB.
  const bitmap = await createImageBitmap(photo, { premultiplyAlpha: 'none' });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set(rgba.subarray(4 * i, 4 * i + 3), 3 * i);
  const { input } = contract;
  const levels = new Uint8Array(input.width * input.height * 3);
  const policy = contractPolicy(contract);
  drawPixels(
    { data, width, height },
    drawingOf(policy, { width, height }, createRandom(0)),
    levels,
  );
  // TFLite models take channels last.
  const numbers = normalisePixels(levels, { ...contract, layout: 'NHWC' });
  const images = new Tensor(numbers, [1, input.height, input.width, 3]);
  const outputs = await model.run([images]);
  const probabilities = Float32Array.from(outputs[0]!.toTypedArray());
  for (const tensor of [images, ...outputs]) tensor.delete();
  return probabilities;
}
