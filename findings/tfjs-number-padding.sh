#!/bin/sh
# In TensorFlow.js, a number as padding gives a wrong size if kernel or strides are not square.
#
# With padding 1 on all sides, a 5x5 image and a 1x3 filter, the output is 7x5 (PyTorch: padding=1). TensorFlow.js computes both sides from
# the filter's height and the vertical stride. The same padding written as pairs gives the correct size, so this is not a different
# convention.
#
# Seen with @tensorflow/tfjs-core 4.22.0 on Node 20.20, for a 5x5 image:
#   filter 1x3, strides 1,1: padding 1 gives 7x7, [[0,0],[1,1],[1,1],[0,0]] gives 7x5
#   filter 3x3, strides 2,1: padding 1 gives 3x3, [[0,0],[1,1],[1,1],[0,0]] gives 3x5
#   filter 3x3, strides 1,1: padding 1 gives 5x5, [[0,0],[1,1],[1,1],[0,0]] gives 5x5
. "$(dirname "$0")/lib/packages.sh"

with_npm @tensorflow/tfjs-core@4.22.0
cat > try.mjs <<'EOF'
import { backend_util, version_core } from '@tensorflow/tfjs-core';

console.log(`@tensorflow/tfjs-core ${version_core}, Node ${process.versions.node}`);
const pairs = [[0, 0], [1, 1], [1, 1], [0, 0]];
const sizeOf = (filter, strides, padding) => {
  const { outHeight, outWidth } = backend_util.computeConv2DInfo([1, 5, 5, 1], [...filter, 1, 1], strides, 1, padding);
  return `${outHeight}x${outWidth}`;
};
const cases = [
  { filter: [1, 3], strides: [1, 1], seen: ['7x7', '7x5'] },
  { filter: [3, 3], strides: [2, 1], seen: ['3x3', '3x5'] },
  { filter: [3, 3], strides: [1, 1], seen: ['5x5', '5x5'] },
];
for (const { filter, strides, seen } of cases) {
  const sizes = [sizeOf(filter, strides, 1), sizeOf(filter, strides, pairs)];
  console.log(`filter ${filter.join('x')}, strides ${strides.join()}: padding 1 gives ${sizes[0]}, ${JSON.stringify(pairs)} gives ${sizes[1]}`);
  if (sizes.join() !== seen.join()) process.exitCode = 1;
}
EOF
node try.mjs
