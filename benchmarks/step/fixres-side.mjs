// A Node side of the benchmark: fixres's compiled step, or tfjs-layers unmodified. Answers each
// line on stdin, a number of steps, with their milliseconds.
import { createInterface } from 'node:readline';
import { useEngine } from '@fixres/engine';
import { processMemory } from '@fixres/runner/node';

const [side, device, mode, precision, sizeText, batchText] = process.argv.slice(2);
const size = Number(sizeText);
const batch = Number(batchText);
const started = performance.now();
const { versions } = await useEngine({ engine: 'tensorflow', device });

// The same numbers on all sides: a linear congruential generator.
let state = 12345;
const pixels = Uint8Array.from(
  { length: batch * size * size * 3 },
  () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) >> 16,
);
const labels = Int32Array.from({ length: batch }, (_, i) => i % 5);

const step = side === 'tfjs' ? await stockStep() : await compiledStep();
await step();
say({
  readySeconds: (performance.now() - started) / 1000,
  version: Object.entries(versions)
    .map((entry) => entry.join(' '))
    .join(', '),
});
for await (const line of createInterface(process.stdin)) {
  const ms = [];
  for (let i = 0; i < Number(line); i++) {
    const began = performance.now();
    await step();
    ms.push(performance.now() - began);
  }
  say({ ms, peakRssMb: processMemory().peakMb() });
}

async function compiledStep() {
  const { Adam, resNet50V2 } = await import('@fixres/models');
  const { applyFreezePolicy } = await import('@fixres/finetune');
  const { compileForward, compileTrainer } = await import('@fixres/runner/node');
  const model = resNet50V2({ classes: 5, rescaling: { scale: 1 / 127.5, offset: -1 }, seed: 1 });
  const images = { pixels, labels, shape: [batch, size, size, 3], indices: new Uint32Array(batch) };
  if (mode === 'forward') {
    const forward = compileForward(model, { size, batchSizes: [batch], precision });
    return () => {
      const output = forward(images);
      output.dataSync();
      output.dispose();
    };
  }
  const handle = await applyFreezePolicy(model, mode === 'finetune' ? 'classifier+last-bn' : 'all');
  const trainer = compileTrainer(model, handle, new Adam(), {
    size,
    batchSizes: [batch],
    precision,
  });
  return () => trainer.step(images, 1e-4);
}

/** tfjs-layers with its own normalisation and Adam, as users get it. */
async function stockStep() {
  const tf = await import('@tensorflow/tfjs-core');
  const layers = await import('@tensorflow/tfjs-layers');
  const { stockResNet50V2 } = await import('./stock-resnet50v2.mjs');
  const model = stockResNet50V2(layers, size);
  const x = () =>
    tf.tidy(() =>
      tf.sub(
        tf.div(tf.cast(tf.tensor4d(pixels, [batch, size, size, 3], 'int32'), 'float32'), 127.5),
        1,
      ),
    );
  if (mode === 'forward') {
    return () =>
      tf.tidy(() => {
        model.predict(x()).dataSync();
      });
  }
  if (mode === 'finetune')
    for (const layer of model.layers)
      layer.trainable = ['post_bn', 'predictions'].includes(layer.name);
  model.compile({
    optimizer: tf.train.adam(1e-4),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  const y = tf.tensor1d(Float32Array.from(labels));
  return async () => {
    const images = x();
    await model.trainOnBatch(images, y);
    images.dispose();
  };
}

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
