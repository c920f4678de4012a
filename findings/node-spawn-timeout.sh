#!/bin/sh
# A process of Node that tries to start a program that does not exist, with a time limit, ends only when the time limit has passed.
#
# The error comes at once, and nothing was started that a limit could end. But `spawn` with the option `timeout` starts its timer all the
# same, and stops it at the event `exit`, which such a program never has. `execFile`, which has its own timer for the same option, and
# Python's subprocess.run end at once.
#
# Seen with Node 20.20.2, 22.23.0 and 24.11.0 on Linux, for a limit of 3 seconds:
#   execFile: ENOENT, ended at once
#   spawn: ENOENT, ended after the limit
. "$(dirname "$0")/lib/packages.sh"

changed=0
for version in 20.20.2 22.23.0 24.11.0; do
  mkdir "node-$version"
  (cd "node-$version" && npm init -y >/dev/null && npm install --no-fund --no-audit "node@$version" >/dev/null 2>&1) || exit 2
  for start in execFile spawn; do
    expected=$([ $start = spawn ] && echo 'ENOENT, ended after the limit' || echo 'ENOENT, ended at once')
    seen=$("node-$version/node_modules/node/bin/node" -e "
const started = Date.now();
const child = require('node:child_process').$start('no-such-program', [], { timeout: 3000 });
let code;
child.on('error', (error) => {
  code = error.code;
});
process.on('exit', () => {
  console.log(code + ', ended ' + (Date.now() - started < 3000 ? 'at once' : 'after the limit'));
});")
    echo "node-$version, $start: $seen"
    [ "$seen" = "$expected" ] || changed=1
  done
done
exit $changed
