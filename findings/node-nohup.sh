#!/bin/sh
# nohup does not protect a Node program: Node resets every signal to its default at start, including SIGHUP.
#
# nohup ignores SIGHUP and then executes the program, which inherits this. Python and shells keep it. Node does not, so a training started
# with nohup ends when the terminal or the ssh connection closes. A program has to handle SIGHUP itself. It cannot detect nohup any more,
# only that neither its input nor its output is a terminal.
#
# Seen with Node 20.20.2, 22.23.0 and 24.11.0 on Linux, on SIGHUP after nohup:
#   python3 goes on
#   node    ended by the signal
. "$(dirname "$0")/lib/packages.sh"

changed=0
try() { # name, expected, command...
  name=$1 expected=$2
  shift 2
  nohup "$@" >"$name.txt" 2>&1 &
  process=$!
  sleep 2
  kill -HUP "$process" 2>/dev/null
  if wait "$process"; then seen='goes on'; else seen='ended by the signal'; fi
  echo "$name: $seen"
  [ "$seen" = "$expected" ] || changed=1
}
try python3 'goes on' python3 -c 'import time; time.sleep(4)'
for version in 20.20.2 22.23.0 24.11.0; do
  mkdir -p "node-$version"
  (cd "node-$version" && npm init -y >/dev/null && npm install --no-fund --no-audit "node@$version" >/dev/null 2>&1) || exit 2
  try "node-$version" 'ended by the signal' "node-$version/node_modules/node/bin/node" -e 'setTimeout(() => {}, 4000)'
done
exit $changed
