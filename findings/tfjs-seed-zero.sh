#!/bin/sh
# In TensorFlow.js, the seed 0 works for uniform initializers and is ignored by normal ones.
#
# Experiments often number their seeds from 0. With seed 0, a network with glorotUniform starts the same in every run, as in Keras. The same
# network with heNormal starts differently each time, without a warning. Every other seed repeats.
#
# Seen with @tensorflow/tfjs-layers 4.22.0 on Node 20.20, whether two initializers with the same seed give the same numbers:
#   seed 0  glorotUniform yes, heUniform yes, glorotNormal no, heNormal no, truncatedNormal no
#   seed 1  glorotUniform yes, heUniform yes, glorotNormal yes, heNormal yes, truncatedNormal yes
. "$(dirname "$0")/lib/packages.sh"

with_npm @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-layers@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0
cat > try.mjs <<'EOF'
import '@tensorflow/tfjs-backend-cpu';
import { initializers, version_layers } from '@tensorflow/tfjs-layers';

console.log(`@tensorflow/tfjs-layers ${version_layers}, Node ${process.versions.node}`);
const names = ['glorotUniform', 'heUniform', 'glorotNormal', 'heNormal', 'truncatedNormal'];
const expected = [
  'glorotUniform yes, heUniform yes, glorotNormal no, heNormal no, truncatedNormal no',
  'glorotUniform yes, heUniform yes, glorotNormal yes, heNormal yes, truncatedNormal yes',
];
for (const [seed, seen] of expected.entries()) {
  const draw = (name) => initializers[name]({ seed }).apply([3, 3]).dataSync().join();
  const text = names.map((name) => `${name} ${draw(name) === draw(name) ? 'yes' : 'no'}`).join(', ');
  console.log(`seed ${seed}  ${text}`);
  if (text !== seen) process.exitCode = 1;
}
EOF
node try.mjs
