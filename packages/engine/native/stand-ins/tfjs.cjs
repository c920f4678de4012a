// Stands in for '@tensorflow/tfjs' and '@tensorflow/tfjs-core', which tfjs-node-gpu requires:
// passes on the tfjs-core and tfjs-layers of the program. With its own copy, tfjs-node-gpu would
// register the backend where the program does not look.
const parts = globalThis[Symbol.for('fixres.engine.tfjs')];
if (parts === undefined)
  throw new Error('this copy of tfjs-node-gpu is loaded by useEngine() of @fixres/engine only');
module.exports = parts;
