#!/bin/sh
# A page with @datadog/sketches-js cannot be built: the package loads `protobufjs`, and does not depend on it.
#
# The package has no dependencies. `protobufjs/minimal` is required inside functions that write and read its binary
# format. Node runs everything else without it. Bundlers follow these calls also if nothing uses the functions.
#
# Seen with @datadog/sketches-js 2.1.1, vite 8.3.0:
#   Node: the median of 1, 2, 3 is 2.0
#   Vite: Rolldown failed to resolve import "protobufjs/minimal"
. "$(dirname "$0")/lib/packages.sh"

with_npm @datadog/sketches-js@2.1.1 vite@8.3.0
cat > page.mjs <<'EOF'
import { DDSketch } from '@datadog/sketches-js';

export function median(values) {
  const sketch = new DDSketch();
  for (const value of values) sketch.accept(value);
  return sketch.getValueAtQuantile(0.5);
}
EOF
cat > try.mjs <<'EOF'
import { build } from 'vite';
import { median } from './page.mjs';

const inNode = median([1, 2, 3]).toFixed(1);
console.log(`Node: the median of 1, 2, 3 is ${inNode}`);
const inVite = await build({
  configFile: false,
  logLevel: 'silent',
  build: { write: false, lib: { entry: 'page.mjs', formats: ['es'], fileName: 'page' } },
}).then(
  () => 'the page is built',
  (error) => /Rolldown failed to resolve import "[^"]*"/.exec(error.message)?.[0] ?? error.message,
);
console.log(`Vite: ${inVite}`);
if (inNode !== '2.0' || !inVite.includes('"protobufjs/minimal"')) process.exitCode = 1;
EOF
node try.mjs
