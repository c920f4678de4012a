// Trains a network on one batch, in a process of its own, with or without gradient checkpointing. Prints
// the processor seconds of a step, the peak memory of the process, and the loss of the last step.
import { useEngine } from '@fixres/engine';
import { applyFreezePolicy } from '@fixres/finetune';
import { Adam, createModel } from '@fixres/models';
import { createCompiledTrainer, processMemory } from '@fixres/runner/node';
import { sampleImages } from '../step/node-turns.mjs';

const settings = JSON.parse(process.argv[2]);
const { engine, model: name, width, size, batch, steps, precision } = settings;
const { versions } = await useEngine({ engine });
const model = createModel(name, {
  classes: 5,
  width,
  rescaling: { scale: 1 / 127.5, offset: -1 },
  seed: 1,
});
const trainer = await createCompiledTrainer({
  model,
  handle: await applyFreezePolicy(model, 'all'),
  optimizer: new Adam(),
  average: undefined,
  spec: { gradientCheckpointing: settings.gradientCheckpointing },
  rules: {},
  size,
  seed: 0,
  batchSize: batch,
  precision,
  train: { size: batch },
  onWarning: (message) => process.stderr.write(`${message}\n`),
  signal: undefined,
});
const images = sampleImages(size, batch);
// The first step is compiled.
trainer.step(images, 1e-4);
const before = process.cpuUsage();
let loss;
for (let i = 0; i < steps; i++) loss = trainer.step(images, 1e-4).loss;
const { user, system } = process.cpuUsage(before);
const result = {
  versions,
  cpuSeconds: (user + system) / 1e6 / steps,
  peakRssMb: processMemory().peakMb(),
  loss,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
