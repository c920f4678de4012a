#!/bin/sh
# A small process that a large one starts reports the memory of the large one as its own peak.
#
# `process.resourceUsage().maxRSS` is `ru_maxrss` of getrusage. Linux keeps it when a process executes another program, and until then
# the child has the memory of its parent. A benchmark that starts programs from a process with much memory therefore measures itself.
# `VmHWM` in /proc/self/status begins anew with the program.
#
# Seen with Node 20.20.2, 22.23.0 and 24.11.0 on Linux, peak in megabytes of `node --eval` (rounded to hundreds) that a process with an
# array of 1000 MB starts:
#   maxRSS 1000
#   VmHWM  0
. "$(dirname "$0")/lib/packages.sh"

cat >child.cjs <<'JS'
const { readFileSync } = require('node:fs');
const rounded = (kilobytes) => Math.round((kilobytes * 1024) / 1e8) * 100;
const [, highest] = /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
console.log(rounded(process.resourceUsage().maxRSS), rounded(highest));
JS
cat >parent.mjs <<'JS'
import { execFileSync } from 'node:child_process';
const peaks = () => execFileSync(process.execPath, ['child.cjs'], { encoding: 'utf8' }).trim();
const alone = peaks();
const large = new Uint8Array(1e9).fill(1);
const seen = `${alone}, ${peaks()}`;
console.log(`${process.version}: ${seen} (${large.length} bytes)`);
process.exit(seen === '0 0, 1000 0' ? 0 : 1);
JS

changed=0
for version in 20.20.2 22.23.0 24.11.0; do
  mkdir -p "node-$version"
  (cd "node-$version" && npm init -y >/dev/null && npm install --no-fund --no-audit "node@$version" >/dev/null 2>&1) || exit 2
  "node-$version/node_modules/node/bin/node" parent.mjs || changed=1
done
exit $changed
