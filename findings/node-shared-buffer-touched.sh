#!/bin/sh
# A new SharedArrayBuffer can take all of its memory at once, before anything is written to it.
#
# The system gives out pages when they are first written, so a large buffer that is filled over time usually costs nothing at first.
# V8 takes fixed buffers from `calloc`. If malloc kept freed memory, `calloc` writes zeros to all of it. This also happens to memory
# that was never written before it was freed. A buffer with `maxByteLength` is always a mapping of its own, and takes memory only as
# it is written.
#
# Seen with Node 20.20.2, 22.23.0 and 24.11.0 and glibc 2.36, megabytes of resident memory that an unwritten buffer of 1000 MB takes:
#   fixed, first                     0
#   fixed, after the first was freed 1000
#   with maxByteLength               0
. "$(dirname "$0")/lib/packages.sh"

cat >measure.mjs <<'JS'
import { setTimeout } from 'node:timers/promises';
const resident = () => process.memoryUsage.rss() / 1e6;
async function taken(options) {
  const before = resident();
  let buffer = new SharedArrayBuffer(1e9, options);
  const megabytes = resident() - before;
  buffer = null;
  globalThis.gc();
  await setTimeout(100);
  return Math.round(megabytes / 100) * 100;
}
const seen = [await taken(), await taken(), await taken({ maxByteLength: 1e9 })].join(' ');
console.log(`${process.version}: ${seen}`);
process.exit(seen === '0 1000 0' ? 0 : 1);
JS

changed=0
export GLIBC_TUNABLES=glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=68719476736
for version in 20.20.2 22.23.0 24.11.0; do
  mkdir -p "node-$version"
  (cd "node-$version" && npm init -y >/dev/null && npm install --no-fund --no-audit "node@$version" >/dev/null 2>&1) || exit 2
  "node-$version/node_modules/node/bin/node" --expose-gc measure.mjs || changed=1
done
exit $changed
