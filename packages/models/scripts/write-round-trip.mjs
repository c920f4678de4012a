// Loads a Keras weights file into `resnet26v2` of width 2 and writes it again: node
// scripts/write-round-trip.mjs FROM TO
import { writeFile } from 'node:fs/promises';
import '@tensorflow/tfjs-backend-cpu';
import { createModel, loadKerasWeights, writeKerasWeights } from '../dist/index.js';
import { readKerasWeightsFile } from '../dist/node/index.js';

const [from, to] = process.argv.slice(2);
const model = createModel('resnet26v2', {
  classes: 5,
  width: 2,
  rescaling: { scale: 1 / 127.5, offset: -1 },
});
loadKerasWeights(model, await readKerasWeightsFile(from));
await writeFile(to, await writeKerasWeights(model));
