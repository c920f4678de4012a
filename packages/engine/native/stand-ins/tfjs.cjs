// Stands in for the packages '@tensorflow/tfjs' and '@tensorflow/tfjs-core' that tfjs-node-gpu requires: gives it the tfjs-core and
// tfjs-layers of the program that loads it. A copy of its own would register the backend where that program never looks.
const parts = globalThis[Symbol.for('fixres.engine.tfjs')];
if (parts === undefined)
  throw new Error('this copy of tfjs-node-gpu is loaded by useEngine() of @fixres/engine only');
module.exports = parts;
