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
  type PreprocessingContract,
  type RgbImage,
} from '@fixres/data';
import { type CompiledModel, loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';

const status = document.querySelector('#status')!;
const results = document.querySelector('#results')!;
const target = document.querySelector<HTMLElement>('#target')!;
const file = document.querySelector<HTMLInputElement>('#file')!;

/** A model that is ready, with the names of its classes and how it wants photos. */
interface Loaded {
  model: CompiledModel;
  classNames: readonly string[];
  contract: PreprocessingContract;
}

const loading = load();
loading.then(
  () => (status.textContent = 'Ready.'),
  (error: unknown) => (status.textContent = `The model cannot be loaded: ${messageOf(error)}`),
);

target.addEventListener('dragover', (event) => event.preventDefault());
target.addEventListener('drop', (event) => {
  event.preventDefault();
  void show(event.dataTransfer?.files[0]);
});
file.addEventListener('change', () => void show(file.files?.[0]));

async function load(): Promise<Loaded> {
  const response = await fetch('model/fixres.json');
  if (!response.ok) throw new Error(`model/fixres.json: ${response.status} ${response.statusText}`);
  const card = (await response.json()) as { classNames: string[]; contract: unknown };
  await loadLiteRt('litert/');
  const model = await loadAndCompile('model/model.tflite', { accelerator: 'wasm' });
  return {
    model,
    classNames: card.classNames,
    contract: parsePreprocessingContract(card.contract),
  };
}

/** The number of the latest photo: an earlier one that is done later is not shown. */
let latest = 0;

async function show(photo: Blob | undefined): Promise<void> {
  if (photo === undefined) return;
  const number = ++latest;
  results.replaceChildren();
  status.textContent = 'Classifying…';
  const answer = await answerFor(photo);
  if (number !== latest) return;
  status.textContent = answer.status;
  for (const line of answer.lines) {
    const row = document.createElement('li');
    row.textContent = line;
    results.append(row);
  }
}

async function answerFor(photo: Blob): Promise<{ status: string; lines: string[] }> {
  let loaded: Loaded;
  let image: RgbImage;
  try {
    loaded = await loading;
  } catch (error) {
    return { status: `The model cannot be loaded: ${messageOf(error)}`, lines: [] };
  }
  try {
    image = await decode(photo);
  } catch {
    return { status: 'This file is not a photo that the browser can read.', lines: [] };
  }
  try {
    const probabilities = await classify(image, loaded);
    const rows = loaded.classNames
      .map((label, i) => ({ label, probability: probabilities[i]! }))
      .sort((a, b) => b.probability - a.probability);
    return {
      status: 'Done.',
      lines: rows
        .slice(0, 5)
        .map(({ label, probability }) => `${label}: ${(100 * probability).toFixed(1)} %`),
    };
  } catch (error) {
    return { status: `The photo cannot be classified: ${messageOf(error)}`, lines: [] };
  }
}

/** Levels of a photo, upright and in sRGB. */
async function decode(photo: Blob): Promise<RgbImage> {
  const bitmap = await createImageBitmap(photo, { premultiplyAlpha: 'none' });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set(rgba.subarray(4 * i, 4 * i + 3), 3 * i);
  return { data, width, height };
}

/** The probability of each class. */
async function classify(image: RgbImage, { model, contract }: Loaded): Promise<Float32Array> {
  const { input } = contract;
  const levels = new Uint8Array(input.width * input.height * 3);
  drawPixels(image, drawingOf(contractPolicy(contract), image, createRandom(0)), levels);
  // TFLite models take channels last.
  const numbers = normalisePixels(levels, { ...contract, layout: 'NHWC' });
  const images = new Tensor(numbers, [1, input.height, input.width, 3]);
  const outputs = await model.run([images]);
  const probabilities = Float32Array.from(outputs[0]!.toTypedArray());
  for (const tensor of [images, ...outputs]) tensor.delete();
  return probabilities;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
