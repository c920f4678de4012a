// A Node side of the benchmark: fixres's compiled step, or tfjs-layers unmodified. Answers each
// line on stdin, a number of steps, with their milliseconds.
import { useEngine } from '@fixres/engine';
import { sampleImages, takeTurns } from './node-turns.mjs';

const [side, device, mode, precision, sizeText, batchText] = process.argv.slice(2);
const size = Number(sizeText);
const batch = Number(batchText);
const started = performance.now();
const { versions } = await useEngine({ engine: 'tensorflow', device });

const images = sampleImages(size, batch);
const version = Object.entries(versions)
  .map((entry) => entry.join(' '))
  .join(', ');
await takeTurns(side === 'tfjs' ? await stockStep() : await compiledStep(), started, version);

async function compiledStep() {
  const { Adam, resNet50V2 } = await import('@fixres/models');
  const { applyFreezePolicy } = await import('@fixres/finetune');
  const { compileForward, compileTrainer } = await import('@fixres/runner/node');
  const model = resNet50V2({ classes: 5, rescaling: { scale: 1 / 127.5, offset: -1 }, seed: 1 });
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
        tf.div(
          tf.cast(tf.tensor4d(images.pixels, [batch, size, size, 3], 'int32'), 'float32'),
          127.5,
        ),
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
  const y = tf.tensor1d(Float32Array.from(images.labels));
  return async () => {
    const inputs = x();
    await model.trainOnBatch(inputs, y);
    inputs.dispose();
  };
}
