// Convolutions with 3x3 windows and their gradients: as one op of TensorFlow, and in a compiled graph, which computes
// them by Winograd's method.
import * as tf from '@tensorflow/tfjs-core';
import { parseArgs } from 'node:util';
import { useEngine } from '@fixres/engine';
import { compileGraph } from '@fixres/engine/graph';
import { about, machineText } from '../about.mjs';
import { round, spreadOf } from '../spread-of.mjs';
import { UsageError } from '../usage-error.mjs';

const usage = `Usage: pnpm bench convolutions [options]
  --shapes LIST       IMAGESxSIZExCHANNELS, for example 16x56x64 (default: those of ResNet50V2 at 128 and 224 pixels, batch 32)
  --rounds N          times that each is computed (default 15)
  --json              one JSON object on stdout
`;

export async function main(args) {
  const { values } = parseArgs({
    args,
    options: {
      shapes: {
        type: 'string',
        default: '32x32x64,32x16x128,32x8x256,32x4x512,32x56x64,32x28x128,32x14x256,32x7x512',
      },
      rounds: { type: 'string', default: '15' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const rounds = wholeNumber('--rounds', values.rounds);
  const shapes = values.shapes.split(',').map((text) => {
    const sides = text.split('x');
    if (sides.length !== 3)
      throw new UsageError(`Option --shapes has "${text}"; a shape is for example 16x56x64.`);
    const [images, size, channels] = sides.map((side) => wholeNumber('--shapes', side));
    return { images, size, channels };
  });
  const started = about();
  const { versions } = await useEngine({ engine: 'tensorflow' });
  const rows = shapes.map((shape) => ({ ...shape, ...measure(shape, rounds) }));
  const result = { ...started, versions, settings: { rounds }, rows };
  process.stdout.write(
    values.json ? `${JSON.stringify(result, undefined, 2)}\n` : readable(result),
  );
  return 0;
}

function wholeNumber(option, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new UsageError(`Option ${option} is ${text}; it must be a whole number of at least 1.`);
}

const common = { strides: [1, 1], dataFormat: 'NHWC', dimRoundingMode: undefined };

/** The three kernels, as tfjs calls them in a training step. */
const kernels = {
  forward: ({ x, filter }) =>
    tf.engine().runKernel('Conv2D', { x, filter }, { ...common, pad: 'same', dilations: [1, 1] }),
  inputGradient: ({ x, filter, dy }) =>
    tf
      .engine()
      .runKernel(
        'Conv2DBackpropInput',
        { dy, filter },
        { ...common, pad: 'same', inputShape: x.shape },
      ),
  filterGradient: ({ x, filter, dy }) =>
    tf
      .engine()
      .runKernel(
        'Conv2DBackpropFilter',
        { x, dy },
        { ...common, pad: 'same', filterShape: filter.shape },
      ),
};

function measure({ images, size, channels }, rounds) {
  const image = [images, size, size, channels];
  const filterShape = [3, 3, channels, channels];
  const inputs = {
    x: tf.randomNormal(image, 0, 1, 'float32', 1),
    filter: tf.randomNormal(filterShape, 0, Math.sqrt(1 / (9 * channels)), 'float32', 2),
    dy: tf.randomNormal(image, 0, 1, 'float32', 3),
  };
  const specs = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, { shape, dtype: 'float32' }]),
  );
  const measured = Object.entries(kernels).map(([kind, run]) => {
    const graph = compileGraph({ f: { inputs: specs, run: (all) => ({ y: run(all) }) } });
    const sides = { direct: () => run(inputs), compiled: () => graph.run('f', inputs).y };
    const times = { direct: [], compiled: [] };
    for (let i = -2; i < rounds; i++)
      for (const [name, compute] of Object.entries(sides)) {
        const began = performance.now();
        const y = compute();
        const ms = performance.now() - began;
        y.dispose();
        // The first calls prepare the kernels.
        if (i >= 0) times[name].push(ms);
      }
    const error = difference(sides.compiled(), sides.direct());
    graph.dispose();
    const [direct, compiled] = [spreadOf(times.direct, 2), spreadOf(times.compiled, 2)];
    return [kind, { direct, compiled, speed: round(direct.median / compiled.median, 2), ...error }];
  });
  tf.dispose(inputs);
  return Object.fromEntries(measured);
}

/** RMS and largest difference, in standard deviations. */
function difference(actual, expected) {
  return tf.tidy(() => {
    const deviation = tf.sqrt(tf.moments(expected).variance);
    const part = tf.abs(tf.div(tf.sub(actual, expected), deviation));
    const [rms, largest] = [tf.sqrt(tf.mean(tf.square(part))), tf.max(part)].map(
      (value) => value.dataSync()[0],
    );
    tf.dispose([actual, expected]);
    return { rms: Number(rms.toPrecision(2)), largest: Number(largest.toPrecision(2)) };
  });
}

function readable({ machine, rows }) {
  const lines = rows.map(({ images, size, channels, ...kinds }) => {
    const parts = Object.entries(kinds).map(
      ([kind, { direct, compiled, speed }]) =>
        `${kind} ${direct.median} and ${compiled.median} ms (${speed} x)`,
    );
    return `  ${`${images}x${size}x${channels}`.padEnd(12)}${parts.join(', ')}`;
  });
  return `${[`${machineText(machine)}; TensorFlow's op and the compiled graph`, ...lines].join('\n')}\n`;
}
