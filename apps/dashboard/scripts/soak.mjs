// Follows a growing run with many clients and prints the memory of the server. Thirty minutes with
// fifty clients:
//
//   node apps/dashboard/scripts/soak.mjs --minutes 30 --clients 50
//
// With `--pace 4`, events, visits and measurements are four times as fast, so that the same number
// takes a quarter of the time.
//
// Exits with 1 if memory grows by more than 20 MB after the first fifth of the time.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    clients: { type: 'string', default: '50' },
    pace: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const clients = Number(values.clients);
const pace = Number(values.pace);

/** The server has its own process, so that its memory is measured without that of the clients. */
const SERVER = `
import { startDashboard } from ${JSON.stringify(import.meta.resolve('@fixres/dashboard'))};
const served = await startDashboard({ runs: process.argv[1], port: 0 });
process.send({ url: served.url });
process.on('message', () => {
  globalThis.gc();
  const { rss, heapUsed } = process.memoryUsage();
  process.send({ rss: rss / 1e6, heap: heapUsed / 1e6, clients: served.clients() });
});
`;

const root = mkdtempSync(join(tmpdir(), 'fixres-soak-'));
const runs = ['a', 'b'].map((name) => join(root, name));
for (const run of runs) {
  mkdirSync(run);
  writeFileSync(join(run, 'config.json'), '{}');
}
let step = 0;
const log = () => {
  step++;
  const event = {
    n: step,
    time: new Date().toISOString(),
    type: 'progress',
    arm: 'small',
    seed: 0,
    phase: 'train',
    epoch: 0,
    epochs: 1,
    step,
    steps: 1e6,
    loss: 1 / step,
    accuracy: 0.5,
    imagesPerSecond: 99,
    stall: 0,
    etaSeconds: 9,
    rssMb: 1,
  };
  for (const run of runs) appendFileSync(join(run, 'events.jsonl'), `${JSON.stringify(event)}\n`);
};
log();

const server = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', SERVER, root], {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  cwd: fileURLToPath(new URL('.', import.meta.url)),
});
const [{ url }] = await once(server, 'message');
const ask = async () => {
  server.send('memory');
  return (await once(server, 'message'))[0];
};

const stop = new AbortController();
let received = 0;
/** Follows both runs, with breaks, like pages. */
async function follow(lifetime) {
  while (!stop.signal.aborted) {
    const left = AbortSignal.any([stop.signal, AbortSignal.timeout(Math.round(lifetime))]);
    try {
      await fetch(new URL('/api/runs/a/curves', url), { signal: left }).then((response) =>
        response.arrayBuffer(),
      );
      const response = await fetch(new URL('/api/stream?run=a&run=b', url), { signal: left });
      for await (const chunk of response.body) received += chunk.length;
    } catch (error) {
      if (!left.aborted) throw error;
    }
  }
}
const followers = Array.from({ length: clients }, (_, i) =>
  follow((i % 5 === 0 ? 3_000 : 20_000 + i * 100) / pace),
);
const logging = setInterval(log, 50 / pace);

const samples = [];
const end = performance.now() + minutes * 60_000;
const every = Math.min(30_000, (minutes * 60_000) / 12);
while (performance.now() < end) {
  await new Promise((resolve) => setTimeout(resolve, every));
  const sample = await ask();
  samples.push(sample);
  if (!values.json)
    process.stdout.write(
      `${sample.clients} clients, ${sample.rss.toFixed(0)} MB resident, ${sample.heap.toFixed(1)} MB heap, ${(received / 1e6).toFixed(0)} MB sent\n`,
    );
}
clearInterval(logging);
stop.abort();
await Promise.allSettled(followers);
// The server notices disconnected clients with a delay on a busy machine.
let last = await ask();
for (let waited = 0; last.clients !== 0 && waited < 60; waited++) {
  await new Promise((resolve) => setTimeout(resolve, 500));
  last = await ask();
}
server.kill();
rmSync(root, { recursive: true });

const settled = samples.slice(Math.floor(samples.length / 5));
const third = Math.max(1, Math.floor(settled.length / 3));
const mean = (list) => list.reduce((sum, { heap }) => sum + heap, 0) / list.length;
const growth = mean(settled.slice(-third)) - mean(settled.slice(0, third));
const result = {
  minutes,
  clients,
  heapGrowthMb: Number(growth.toFixed(2)),
  peakRssMb: Math.round(Math.max(...samples.map(({ rss }) => rss))),
  sentMb: Math.round(received / 1e6),
  clientsAfter: last.clients,
};
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `Heap growth ${result.heapGrowthMb} MB, peak ${result.peakRssMb} MB resident, ${result.clientsAfter} clients left\n`,
);
process.exitCode = growth > 20 || last.clients !== 0 ? 1 : 0;
