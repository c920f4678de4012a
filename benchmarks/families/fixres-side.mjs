// The fixres side of the benchmark: the compiled step of an imported model. Answers each line on
// stdin, a number of steps, with their milliseconds.
import { useEngine } from '@fixres/engine';
import { applyFreezePolicy } from '@fixres/finetune';
import { Adam } from '@fixres/models';
import { loadModelFolder } from '@fixres/models/node/load';
import { compileForward, compileTrainer } from '@fixres/runner/node';
import { sampleImages, takeTurns } from '../step/node-turns.mjs';

const [folder, mode, sizeText, batchText] = process.argv.slice(2);
const [size, batch] = [Number(sizeText), Number(batchText)];
const started = performance.now();
await useEngine({ engine: 'tensorflow', device: 'cpu' });
const { model } = await loadModelFolder(folder);
const images = sampleImages(size, batch);
const options = { size, batchSizes: [batch] };
await takeTurns(mode === 'forward' ? forwardPass() : await trainingStep(), started);

function forwardPass() {
  const forward = compileForward(model, options);
  return () => {
    const output = forward(images);
    output.dataSync();
    output.dispose();
  };
}

async function trainingStep() {
  const handle = await applyFreezePolicy(model, 'all');
  const trainer = compileTrainer(model, handle, new Adam(), options);
  return () => trainer.step(images, 1e-4);
}
