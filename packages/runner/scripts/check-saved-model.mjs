// Runs exported SavedModels in another language of TensorFlow: `node scripts/check-saved-model.mjs
// LANGUAGE [PLACE]`.
//
// - `python PYTHON`: a Python with tensorflow
// - `java CLASSPATH`: the jars of tensorflow-core-api and tensorflow-core-native with its classifier,
//   and what they need, as `mvn dependency:copy-dependencies` copies them
// - `go`: with CGO_CFLAGS, CGO_LDFLAGS and LD_LIBRARY_PATH for TensorFlow's C library
//
// Prints the largest difference from the model in fixres: for each signature of exports without
// preprocessing, with it and with the decoder, and for the program in docs/exporting.md. Exits with 1
// if an output for the same images differs by more than rounding, or a probability of photos by more
// than one level changes.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  contractPolicy,
  createRandom,
  drawingOf,
  drawPixels,
  namedPolicy,
  normalisePixels,
  preprocessingContract,
} from '@fixres/data';
import { decodeImage } from '@fixres/data/node';
import { useEngine } from '@fixres/engine';
import { resNet50V2 } from '@fixres/models';
import { exportSavedModel } from '@fixres/runner/node';
import { samplePhotos } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';

const GRAFT = 'github.com/wamuir/graft/tensorflow@v0.7.0';
const SIZE = 64;
const CLASSES = 5;
/** Rounding of outputs, and what one level changes in a probability. */
const [ROUNDING, ONE_LEVEL] = [1e-5, 1e-3];
/** TensorFlow reads WebP in another way, and converts neither CMYK nor a wide gamut as libvips does. */
const OTHERS = /\.webp$|goldfish|chenonceau/;

const [language, place] = process.argv.slice(2);
const programs = join(import.meta.dirname, 'saved-model');
const folder = mkdtempSync(join(tmpdir(), 'fixres-saved-model-'));

/** How each language runs a program, given its source and arguments. */
const runners = {
  python: (source, args) => run(place ?? 'python3', [source, ...args]),
  java: (source, args) => run('java', ['-cp', place, source, ...args]),
  go: (source, args) => {
    const program = built.get(source) ?? buildGo(source);
    built.set(source, program);
    return run(program, args);
  },
};
const built = new Map();

function buildGo(source) {
  const module = mkdtempSync(join(folder, 'go-'));
  copyFileSync(source, join(module, 'main.go'));
  run('go', ['mod', 'init', 'check'], module);
  run('go', ['get', GRAFT], module);
  run('go', ['build', '-o', 'check', '.'], module);
  return join(module, 'check');
}
const sources = { python: 'run_signature.py', java: 'RunSignature.java', go: 'run_signature.go' };

function run(command, args, cwd = folder) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The program of docs/exporting.md in the language, as a file. */
function documented() {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/exporting.md'), 'utf8');
  const source = page.match(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms'))[1];
  const file = join(
    folder,
    { python: 'classify.py', java: 'Classify.java', go: 'main.go' }[language],
  );
  writeFileSync(file, source);
  return file;
}

let failed = false;

function report(what, printed, expected, limit) {
  const values = (printed.match(/[-+.\de]*\d/g) ?? []).map(Number);
  const difference =
    values.length === expected.length
      ? values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0)
      : NaN;
  if (!(difference < limit)) failed = true;
  console.log(`${what}: ${difference.toExponential(1)} in ${values.length} values`);
}

async function prepared(file, contract) {
  const image = await decodeImage(readFileSync(file), file);
  const levels = new Uint8Array(SIZE * SIZE * 3);
  drawPixels(image, drawingOf(contractPolicy(contract), image, createRandom(0)), levels);
  return tf.tensor(normalisePixels(levels, contract), [SIZE, SIZE, 3]);
}

await useEngine({ engine: 'tensorflow' });
try {
  const model = resNet50V2({
    classes: CLASSES,
    rescaling: { scale: 1 / 127.5, offset: -1 },
    seed: 1,
  });
  const contract = preprocessingContract(
    namedPolicy('shortSideCrop', { size: SIZE, trainSize: SIZE }),
    { normalisation: { kind: 'scale', scale: 1, offset: 0 } },
  );
  const photos = join(folder, 'serving/photos');
  mkdirSync(photos, { recursive: true });
  const [plain, levels, bytes] = ['plain', 'levels', '1'].map((name) => join(photos, name));
  await exportSavedModel(model, plain, { contract });
  await exportSavedModel(model, levels, { contract, preprocessing: 'levels' });
  await exportSavedModel(model, bytes, { contract, preprocessing: 'bytes' });

  const images = tf.randomUniform([3, SIZE, SIZE, 3], 0, 255, 'float32', 1);
  const output = Array.from(model.predict(images).dataSync());
  const raw = join(folder, 'images');
  writeFileSync(raw, images.dataSync());
  const files = readdirSync(samplePhotos, { recursive: true })
    .filter((file) => file.includes('.') && !OTHERS.test(file))
    .map((file) => join(samplePhotos, file));
  const decoded = await decodeImage(readFileSync(files[0]), files[0]);
  const pixels = join(folder, 'pixels');
  writeFileSync(pixels, decoded.data);
  const inputs = await Promise.all(files.map((file) => prepared(file, contract)));
  const probabilities = Array.from(model.predict(tf.stack(inputs)).dataSync());
  const first = probabilities.slice(0, CLASSES);

  const signature = (model, name, input, type, shape, ...given) =>
    runners[language](join(programs, sources[language]), [
      model,
      ...[name, input, type, shape],
      ...given,
    ]);
  const shape = `${SIZE},${SIZE},3`;
  for (const [export_, name] of [
    [plain, 'no preprocessing'],
    [levels, '--with-preprocessing'],
    [bytes, '--with-decoder'],
  ]) {
    const given = [export_, 'serving_default', 'images', 'float32'];
    report(
      `${name}, serving_default, 3 images`,
      signature(...given, `3,${shape}`, raw),
      output,
      ROUNDING,
    );
  }
  report(
    '--with-preprocessing, serving_levels, one photo',
    signature(
      levels,
      'serving_levels',
      'levels',
      'uint8',
      `1,${decoded.height},${decoded.width},3`,
      pixels,
    ),
    first,
    ONE_LEVEL,
  );
  report(
    `--with-decoder, serving_bytes, ${files.length} photos`,
    signature(bytes, 'serving_bytes', 'image_bytes', 'string', '-', ...files),
    probabilities,
    ONE_LEVEL,
  );
  report(
    'the program in docs/exporting.md, one photo',
    runners[language](documented(), language === 'python' ? [files[0]] : [bytes, files[0]]),
    first,
    ONE_LEVEL,
  );
  process.exitCode = failed ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
