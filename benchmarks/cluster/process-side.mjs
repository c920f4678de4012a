// One of several processes that train together, each with one thread. Measures training steps on one
// batch, and all-reduces. The first process prints the seconds of each, and the bytes of the gradients.
import { useEngine } from '@fixres/engine';
import { timeAllReduce } from '@fixres/engine/cluster';
import { applyFreezePolicy } from '@fixres/finetune';
import { createModel, SGD } from '@fixres/models';
import { defaultClusterSettings } from '@fixres/runs';
import { createCompiledTrainer, joinTraining } from '@fixres/runner/node';
import { sampleImages } from '../step/node-turns.mjs';

const { addresses, rank, ...settings } = JSON.parse(process.argv[2]);
const { model: name, width, size, batch, steps, rounds, sizes } = settings;
const { signal } = new AbortController();
const { versions } = await useEngine({ engine: 'tensorflow', device: 'cpu' });
const choice = { task: { addresses, rank }, settings: defaultClusterSettings, interrupt() {} };
const cluster = addresses.length > 1 ? joinTraining(choice, signal) : undefined;
const model = createModel(name, {
  classes: 5,
  width,
  rescaling: { scale: 1 / 127.5, offset: -1 },
  seed: 1,
});
const handle = await applyFreezePolicy(model, 'all');
const trainer = await createCompiledTrainer({
  model,
  handle,
  optimizer: new SGD(1e-4, { momentum: 0.9 }),
  average: undefined,
  spec: {},
  rules: {},
  size,
  seed: 0,
  batchSize: batch * addresses.length,
  precision: 'float32',
  train: { size: batch * addresses.length },
  onWarning: (message) => process.stderr.write(`${message}\n`),
  signal,
  cluster,
});
const images = sampleImages(size, batch);
// The first step is compiled.
trainer.step(images, 1e-4);
const stepSeconds = Array.from({ length: rounds }, () => {
  cluster?.exchange(new Uint8Array(0));
  const began = performance.now();
  for (let i = 0; i < steps; i++) trainer.step(images, 1e-4);
  return (performance.now() - began) / 1000 / steps;
});
const bytes = 4 * handle.gradientVariables.reduce((sum, { shape }) => sum + elements(shape), 0);
const allReduce = cluster
  ? [...sizes, bytes].map((each) => ({
      bytes: each,
      seconds: timeAllReduce(cluster, { bytes: each, rounds }),
    }))
  : [];
if (rank === 0)
  process.stdout.write(`${JSON.stringify({ versions, bytes, stepSeconds, allReduce })}\n`);
cluster?.leave();
process.exit(0);

function elements(shape) {
  return shape.reduce((product, side) => product * side, 1);
}
