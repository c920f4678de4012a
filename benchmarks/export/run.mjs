// Measures a classifier in fixres and, exported, in the programs that serve it: images a second and
// size. The programs alternate in one process, so that other load affects all of them.
import { parseArgs } from 'node:util';
import { namedPolicy, preprocessingContract } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { engineChoices } from '@fixres/engine/names';
import { createModel, isModelName, modelNames, writeKerasWeights } from '@fixres/models';
import { openTflite } from '@fixres/models/node';
import { encodeOnnx } from '@fixres/models/onnx';
import { encodeTflite } from '@fixres/models/tflite';
import { exportOnnx, exportTflite } from '@fixres/runner';
import { createCompiledForward } from '@fixres/runner/node';
import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { about, machineText } from '../about.mjs';
import { round, spreadOf } from '../spread-of.mjs';
import { UsageError } from '../usage-error.mjs';

const usage = `Usage: pnpm bench export [options]
  --model NAME        resnet50v2, mobilenetv2, ... (default resnet50v2)
  --width N           channels of the stem (default: the model's)
  --size N            image size (default 128)
  --batch N           batch size (default 8)
  --rounds N          turns of each program (default 7)
  --seconds N         least time of a turn (default 1)
  --engine NAME       of fixres: tensorflow, wasm or cpu (default: the fastest)
  --json              one JSON object on stdout
`;

const precisions = ['float32', 'float16', 'int8'];

export async function main(args) {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: 'string', default: 'resnet50v2' },
      width: { type: 'string' },
      size: { type: 'string', default: '128' },
      batch: { type: 'string', default: '8' },
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '1' },
      engine: { type: 'string', default: process.env.FIXRES_ENGINE },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [size, batch, rounds] = ['size', 'batch', 'rounds'].map((name) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1) return value;
    throw new UsageError(
      `Option --${name} is ${values[name]}; it must be a whole number of at least 1.`,
    );
  });
  const width = values.width === undefined ? undefined : Number(values.width);
  if (width !== undefined && !(Number.isInteger(width) && width >= 1))
    throw new UsageError(
      `Option --width is ${values.width}; it must be a whole number of at least 1.`,
    );
  if (!isModelName(values.model))
    throw new UsageError(
      `Option --model is ${values.model}; allowed are ${modelNames.join(', ')}.`,
    );
  if (values.engine !== undefined && !engineChoices.includes(values.engine))
    throw new UsageError(
      `Option --engine is ${values.engine}; allowed are ${engineChoices.join(', ')}.`,
    );
  const seconds = Number(values.seconds);
  if (!(seconds >= 0))
    throw new UsageError(
      `Option --seconds is ${values.seconds}; it must be a number of at least 0.`,
    );
  const started = about();
  const { name: engine, versions } = await useEngine({ engine: values.engine });
  const model = createModel(values.model, {
    classes: 5,
    rescaling: { scale: 1 / 127.5, offset: -1 },
    ...(width !== undefined && { width }),
  });
  const images = tf.cast(tf.randomUniform([batch, size, size, 3], 0, 256, 'int32', 1), 'float32');
  const programs = await opened(model, images, { size, engine });
  const perSecond = programs.map(() => []);
  // One unmeasured turn first.
  for (let turn = -1; turn < rounds; turn++)
    for (const [i, { run }] of programs.entries()) {
      const measured = await rate(run, batch, turn < 0 ? 0 : seconds);
      if (turn >= 0) perSecond[i].push(measured);
    }
  const rows = programs.map(({ name, precision, bytes }, i) => ({
    name,
    precision,
    megabytes: round(bytes / 1e6, 1),
    imagesPerSecond: spreadOf(perSecond[i], 1),
    ratio: spreadOf(
      perSecond[i].map((value, turn) => value / perSecond[0][turn]),
      2,
    ),
  }));
  for (const { close } of programs) await close();
  const result = {
    ...started,
    engine,
    versions,
    model: values.model,
    size,
    batch,
    rounds,
    programs: rows,
  };
  process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : readable(result));
  return 0;
}

/** The model in each program: its size in bytes, and a function that classifies the images once. */
async function opened(model, images, { size, engine }) {
  const values = await images.data();
  const normalisation = { kind: 'scale', scale: 1, offset: 0 };
  const contract = preprocessingContract(namedPolicy('resize', { size }), { normalisation });
  const tensor = new Tensor('float32', values, images.shape);
  const calibrate = async function* (graph) {
    const session = await createSession(graph);
    const results = await session.run({ images: tensor });
    await session.release();
    yield Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data]));
  };
  const bytes = (await writeKerasWeights(model)).length;
  const own = [
    {
      name: `model.predict (${engine})`,
      precision: 'float32',
      bytes,
      run: async () => {
        const output = tf.tidy(() => model.predict(images));
        const probabilities = await output.data();
        output.dispose();
        return probabilities;
      },
      close: () => images.dispose(),
    },
  ];
  const forward = createCompiledForward(model, {
    size,
    batchSizes: [images.shape[0]],
    precision: 'float32',
    onWarning: (message) => process.stderr.write(`${message}\n`),
  });
  const pixels = Uint8Array.from(values);
  if (forward !== undefined)
    own.unshift({
      name: `fixres (${engine})`,
      precision: 'float32',
      bytes,
      run: async () => {
        // Read outside of tidy, which looks at each number that its function returns.
        const output = tf.tidy(() => forward({ pixels, shape: images.shape }));
        const probabilities = output.dataSync();
        output.dispose();
        return probabilities;
      },
      close: () => forward.dispose(),
    });
  const others = [];
  for (const precision of precisions) {
    const graph = await exportOnnx(model, { contract, precision, calibrate });
    const session = await createSession(graph);
    others.push({
      name: 'ONNX Runtime',
      precision,
      bytes: encodeOnnx(graph).length,
      run: async () => (await session.run({ images: tensor })).output.data,
      close: () => session.release(),
    });
  }
  for (const precision of precisions) {
    const bytes = encodeTflite(await exportTflite(model, { contract, precision, calibrate }));
    const session = await openTflite(bytes, import.meta.url);
    const each = values.length / images.shape[0];
    const single = Array.from({ length: images.shape[0] }, (_, i) =>
      values.slice(i * each, (i + 1) * each),
    );
    others.push({
      name: 'LiteRT (WebAssembly, one thread)',
      precision,
      bytes: bytes.length,
      run: async () => {
        const outputs = [];
        for (const image of single) outputs.push(...(await session.run([image]))[0]);
        return outputs;
      },
      close: () => session.close(),
    });
  }
  return [...own, ...others];
}

function createSession(graph) {
  return InferenceSession.create(encodeOnnx(graph), { logSeverityLevel: 3 });
}

/** Images a second, over at least the given time. */
async function rate(run, batch, seconds) {
  const start = performance.now();
  let images = 0;
  do {
    await run();
    images += batch;
  } while (performance.now() - start < 1000 * seconds);
  return (1000 * images) / (performance.now() - start);
}

function readable({ machine, model, size, batch, rounds, programs }) {
  const width = Math.max(...programs.map(({ name }) => name.length));
  const lines = programs.map(({ name, precision, megabytes, imagesPerSecond, ratio }) => {
    const { median, lowest, highest } = imagesPerSecond;
    return `${name.padEnd(width)}  ${precision.padEnd(7)}  ${median} images/s (${lowest} to ${highest}), ${ratio.median} times, ${megabytes} MB`;
  });
  const title = `${model} at ${size} pixels, batch size ${batch}, medians of ${rounds} alternating turns (lowest to highest); ${machineText(machine)}`;
  return `${[title, ...lines].join('\n')}\n`;
}
