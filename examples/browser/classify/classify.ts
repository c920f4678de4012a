/// <reference lib="dom" />
// A page that classifies photos on the visitor's machine. litert.ts, onnx.ts and tfjs.ts run the
// model in one runtime each, and state what to put into the folder `public`. Then
//
//   npx vite examples/browser/classify
//
// shows the page; `?runtime=onnx` at the end of its address chooses the runtime.
import { parsePreprocessingContract, type RgbImage } from '@fixres/data';
import type { Classify, LoadModel } from './runtime.ts';

/** A page of your own needs only one of them. */
const runtimes: Readonly<Record<string, () => Promise<{ load: LoadModel }>>> = {
  litert: () => import('./litert.ts'),
  onnx: () => import('./onnx.ts'),
  tfjs: () => import('./tfjs.ts'),
};

const status = document.querySelector('#status')!;
const results = document.querySelector('#results')!;
const target = document.querySelector<HTMLElement>('#target')!;
const preview = document.querySelector<HTMLImageElement>('#photo')!;
const file = document.querySelector<HTMLInputElement>('#file')!;

/** A model that is ready, with the names of its classes if it has them. */
interface Loaded {
  classify: Classify;
  classNames: readonly string[] | undefined;
}

const loading = load();
loading.then(
  () => (status.textContent = 'Ready.'),
  (error: unknown) => (status.textContent = `The model cannot be loaded: ${messageOf(error)}`),
);

target.addEventListener('dragover', (event) => {
  event.preventDefault();
  target.classList.add('over');
});
target.addEventListener('dragleave', () => target.classList.remove('over'));
target.addEventListener('drop', (event) => {
  event.preventDefault();
  target.classList.remove('over');
  void show(event.dataTransfer?.files[0]);
});
file.addEventListener('change', () => void show(file.files?.[0]));

async function load(): Promise<Loaded> {
  const name = new URLSearchParams(location.search).get('runtime') ?? 'litert';
  const runtime = Object.hasOwn(runtimes, name) ? runtimes[name] : undefined;
  if (!runtime)
    throw new Error(`runtime is "${name}"; allowed are ${Object.keys(runtimes).join(', ')}`);
  const response = await fetch('model/fixres.json');
  if (!response.ok) throw new Error(`model/fixres.json: ${response.status} ${response.statusText}`);
  const card = (await response.json()) as { classNames?: string[]; contract: unknown };
  const contract = parsePreprocessingContract(card.contract);
  const { load: loadModel } = await runtime();
  return { classify: await loadModel(contract), classNames: card.classNames };
}

/** A class in the list of results. */
interface Row {
  label: string;
  /** 0..1 */
  probability: number;
}

/** The number of the latest photo: an earlier one that is done later is not shown. */
let latest = 0;

async function show(photo: Blob | undefined): Promise<void> {
  if (photo === undefined) return;
  const number = ++latest;
  results.replaceChildren();
  URL.revokeObjectURL(preview.src);
  preview.removeAttribute('src');
  status.textContent = 'Classifying…';
  const answer = await answerFor(photo);
  if (number !== latest) return;
  status.textContent = answer.status;
  if (answer.rows.length > 0) preview.src = URL.createObjectURL(photo);
  for (const { label, probability } of answer.rows) {
    const row = document.createElement('li');
    const bar = document.createElement('progress');
    bar.value = probability;
    // The text before it states the same.
    bar.ariaHidden = 'true';
    row.append(`${label}: ${(100 * probability).toFixed(1)} %`, bar);
    results.append(row);
  }
}

async function answerFor(photo: Blob): Promise<{ status: string; rows: Row[] }> {
  let loaded: Loaded;
  let image: RgbImage;
  try {
    loaded = await loading;
  } catch (error) {
    return { status: `The model cannot be loaded: ${messageOf(error)}`, rows: [] };
  }
  try {
    image = await decode(photo);
  } catch {
    return { status: 'This file is not a photo that the browser can read.', rows: [] };
  }
  try {
    const { classify, classNames } = loaded;
    const probabilities = await classify(image);
    const rows = Array.from(probabilities)
      .map((probability, i) => ({ label: classNames?.[i] ?? `class ${i}`, probability }))
      .sort((a, b) => b.probability - a.probability);
    return { status: 'Done.', rows: rows.slice(0, 5) };
  } catch (error) {
    return { status: `The photo cannot be classified: ${messageOf(error)}`, rows: [] };
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
