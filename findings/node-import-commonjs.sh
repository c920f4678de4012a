#!/bin/sh
# `import` of a large CommonJS package takes several times the processor time of `require`.
#
# Both run the same file once. Before that, `import` compiles it to see whether it is CommonJS, if its package.json has no "type",
# and searches its text for the names of its exports; then it compiles it again. `require` only compiles it.
#
# Seen with Node 20.20.2 and @tensorflow/tfjs-core 4.22.0 (1.2 MB of code), medians of 5, without Node's own start:
#   require 26 ms
#   import  123 ms: 4.6 times
. "$(dirname "$0")/lib/packages.sh"

with_npm @tensorflow/tfjs-core@4.22.0
cat > try.mjs <<'EOT'
import { spawnSync } from 'node:child_process';

const shown = 'const { user, system } = process.cpuUsage(); console.log((user + system) / 1000);';
const programs = {
  nothing: shown,
  require: `require('@tensorflow/tfjs-core'); ${shown}`,
  import: `import('@tensorflow/tfjs-core').then(() => { ${shown} });`,
};
const times = { nothing: [], require: [], import: [] };
for (let round = 0; round < 5; round++)
  for (const [name, program] of Object.entries(programs))
    times[name].push(Number(spawnSync(process.execPath, ['--eval', program], { encoding: 'utf8' }).stdout));
const median = (name) => times[name].sort((a, b) => a - b)[2];
const [required, imported] = ['require', 'import'].map((name) => median(name) - median('nothing'));
const ratio = imported / required;
console.log(`require ${required.toFixed(0)} ms`);
console.log(`import  ${imported.toFixed(0)} ms: ${ratio.toFixed(1)} times`);
if (!(ratio > 1.5)) process.exitCode = 1;
EOT
node try.mjs
