#!/bin/sh
# Ray refuses jobs that Node sends with `fetch`: it takes them for a browser's.
#
# Ray's job interface protects itself against web pages by their headers. Node's fetch is no browser, but sends `sec-fetch-mode: cors`, as
# its specification demands, and a program cannot remove it. Questions (GET) are answered, so a program that shows jobs works, and the same
# program cannot submit or stop one. The same request by node:http is accepted.
#
# Seen with Ray 2.60.0 and Node 20.20.2, on a job submitted to a new cluster on this machine:
#   fetch      405 'POST' method not allowed for browser traffic.
#   node:http  200
. "$(dirname "$0")/lib/packages.sh"

with_pip 'ray[default]==2.60.0'
venv/bin/ray start --head --port=0 --dashboard-port=38265 --num-cpus=1 --disable-usage-stats --temp-dir="$work/ray" --block >ray.log 2>&1 &
cluster=$!
trap 'kill "$cluster"; wait "$cluster" || true; rm -rf "$work"' EXIT
cat > try.mjs <<'JS'
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const address = 'http://127.0.0.1:38265/api/jobs/';
for (let tries = 0; ; tries++) {
  const isReady = await fetch(address).then((answer) => answer.ok, () => false);
  if (isReady) break;
  if (tries === 120) throw new Error('Ray does not answer.');
  await sleep(500);
}
const body = JSON.stringify({ entrypoint: 'true' });
const headers = { 'content-type': 'application/json' };
const byFetch = await fetch(address, { method: 'POST', headers, body });
console.log('fetch     ', byFetch.status, (await byFetch.text()).split('\n')[0]);
const byHttp = await new Promise((resolve, reject) => {
  request(address, { method: 'POST', headers }, resolve).on('error', reject).end(body);
});
console.log('node:http ', byHttp.statusCode);
process.exit(byFetch.status === 405 && byHttp.statusCode === 200 ? 0 : 1);
JS
node try.mjs
