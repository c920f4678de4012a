// Runs single cases for fuzz.mjs and reports the outcome. Its working directory is inside the
// sandbox; its argument is the seed.
import { Buffer } from 'node:buffer';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import sharp from 'sharp';
import { createRandom, drawingOf, FixresDataError, shortSideCrop } from '../../dist/index.js';
import { decodeShrunk } from '../../dist/node/decode/decode-shrunk.js';
import {
  decodeImage,
  defaultImageLimits,
  openDataset,
  readBytes,
  readImageHeader,
} from '../../dist/node/index.js';
import { decodeQuickly } from '../../dist/node/decode/quick-jpeg.js';
import { healthyInputs } from './healthy-inputs.mjs';
import { kinds, mutatedInput, pictureKinds } from './mutate.mjs';

/** Side to decode to when the decoder may scale down: an eighth of the largest input. */
const SHOWN = 16;
/** How many images of a data set to read. */
const READ = 8;

const seed = Number(process.argv[2]);
const work = process.cwd();
const inputs = join(work, 'inputs');
const cacheFolder = join(work, 'cache');
const healthy = await healthyInputs();
sharp.cache(false);

process.on('message', (number) => {
  void runCase(number).then((answer) => process.send(answer));
});
process.send('ready');

async function runCase(number) {
  const kind = kinds[number % kinds.length];
  const bytes = mutatedInput(kind, healthy, createRandom(seed, 'fuzz', number));
  const file = join(inputs, `photos.${kind}`);
  mkdirSync(inputs);
  writeFileSync(file, bytes);
  if (kind === 'csv' || kind === 'jsonl') {
    for (const [i, name] of ['a.jpg', 'b.png', 'c.webp'].entries())
      writeFileSync(join(inputs, name), healthy[['jpeg', 'png', 'webp'][i]][0]);
  }
  const start = performance.now();
  const outcome = pictureKinds.includes(kind)
    ? await readImage(file, bytes)
    : await readDataset(file);
  const ms = performance.now() - start;
  const strays = strayFiles();
  rmSync(inputs, { recursive: true, force: true });
  rmSync(cacheFolder, { recursive: true, force: true });
  for (const stray of strays) rmSync(stray, { recursive: true, force: true });
  const problem = outcome.problem ?? (strays.length > 0 ? `left ${strays.join(', ')}` : undefined);
  return { outcome: outcome.result, problem, ms, peakMb: process.resourceUsage().maxRSS / 1024 };
}

async function readImage(file, bytes) {
  const source = {
    file,
    start: 0,
    length: bytes.length,
    compression: 'none',
    inflatedLength: bytes.length,
  };
  const header = await expected(() => readImageHeader(source, 'x'));
  const shrunk = await expected(() =>
    decodeShrunk(bytes, 'x', (size) => drawingOf(shortSideCrop(SHOWN), size, createRandom(0))),
  );
  // The quick decoder may fail only with a FixresDataError.
  const quick = await expected(async () => decodeQuickly(bytes, defaultImageLimits));
  const fast = await expected(() => decodeImage(bytes, 'x', { decode: 'tensorflow' }));
  const image = await expected(() => decodeImage(bytes, 'x'));
  for (const step of [header, shrunk, quick, fast, image]) if (step.problem) return step;
  if (quick.value && !isSame(quick.value, image.value))
    return { problem: `decodes to other levels without libvips (${image.result})`, result: 'read' };
  if (fast.value && image.value && !isAlike(fast.value, image.value))
    return { problem: 'has another size when it is decoded as TensorFlow does', result: 'read' };
  if (!image.value) return image;
  // The header must state the size of everything that can be decoded.
  const { width, height } = image.value;
  if (header.value?.width === width && header.value.height === height) return image;
  const told = header.value ? `${header.value.width} x ${header.value.height}` : header.result;
  return { problem: `decodes to ${width} x ${height}, its header gives ${told}`, result: 'read' };
}

async function readDataset(file) {
  const opened = await expected(() => openDataset(file, { cacheFolder }));
  if (!opened.value) return opened;
  for (const { id, source } of opened.value.examples.slice(0, READ)) {
    const header = await expected(() => readImageHeader(source, id));
    const image = await expected(async () => decodeImage(await readBytes(source), id));
    for (const step of [header, image]) if (step.problem) return step;
  }
  return opened;
}

function isSame(ours, theirs) {
  return (
    theirs !== undefined && isAlike(ours, theirs) && Buffer.compare(ours.data, theirs.data) === 0
  );
}

function isAlike(one, other) {
  return one.width === other.width && one.height === other.height;
}

/** Returns the value, or the code of a FixresDataError; any other error is a problem. */
async function expected(work) {
  try {
    return { value: await work(), result: 'read' };
  } catch (error) {
    if (error instanceof FixresDataError) return { result: error.code };
    return { problem: `untyped error: ${error?.stack ?? error}`, result: 'untyped' };
  }
}

/** Files that must not exist, in this folder or the folders above. */
function strayFiles() {
  const strays = [];
  const only = (folder, allowed) => {
    let names = [];
    try {
      names = readdirSync(folder);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    strays.push(...names.filter((name) => !allowed.test(name)).map((name) => join(folder, name)));
  };
  only(inputs, /^(photos\.\w+|a\.jpg|b\.png|c\.webp)$/);
  only(work, /^(inputs|cache)$/);
  only(cacheFolder, /^archives$/);
  only(join(cacheFolder, 'archives'), /^[0-9a-f]{64}\.tar$/);
  let folder = work;
  for (let level = 0; level < 4; level++) {
    folder = dirname(folder);
    only(folder, /^(level|work|temporary)$/);
  }
  only(process.env.TMPDIR, /^$/);
  return strays;
}
