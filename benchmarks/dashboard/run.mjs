// Measures how long the dashboard's server takes to answer for a large run and for many runs, on
// the first and on repeated requests, and how long the list of runs waits during twenty slow
// requests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { about, machineText } from '../about.mjs';
import { median } from '../median.mjs';
import { makeRuns } from './make-runs.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, '..', '..', 'apps', 'dashboard', 'dist', 'server', 'index.js');
const SLOW = 20;

const usage = `Usage: pnpm bench dashboard [options]
  --events N          progress events of the large run (default 100000)
  --images N          images of its predictions (default 50000)
  --runs N            small runs beside it (default 500)
  --rounds N          requests of each kind that are answered from what is kept (default 11)
  --server FILE       dist/server/index.js of another build of the dashboard, to compare with
  --json              one JSON object on stdout
`;

export async function main(args) {
  const text = (value) => ({ type: 'string', default: value });
  const { values } = parseArgs({
    args,
    options: {
      events: text('100000'),
      images: text('50000'),
      runs: text('500'),
      rounds: text('11'),
      server: text(built),
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const numbers = Object.fromEntries(
    ['events', 'images', 'runs', 'rounds'].map((name) => [name, Number(values[name])]),
  );
  const wrong = Object.keys(numbers).find(
    (name) => !Number.isInteger(numbers[name]) || numbers[name] < 1,
  );
  if (wrong) {
    process.stderr.write(
      `Option --${wrong} is ${values[wrong]}; it must be a whole number of at least 1.\n`,
    );
    return 2;
  }
  const root = mkdtempSync(join(tmpdir(), 'fixres-bench-'));
  try {
    const result = await measure(root, resolve(values.server), numbers);
    process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : readable(result));
    return 0;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function measure(root, module, { events, images, runs, rounds }) {
  const files = makeRuns(root, { events, images, runs });
  const predictions = (file) => `/api/runs/large/predictions/${encodeURIComponent(file)}`;
  const curves = '/api/runs/large/curves';
  const started = about();

  const answers = await withServer(module, root, async (server) => {
    const rows = [];
    for (const [name, path] of [
      ['runs', '/api/runs'],
      ['curves', curves],
      ['predictions', predictions(files[0])],
      [
        'page of predictions',
        `${predictions(files[0])}/rows?kind=mistakes&order=most+confident+first&limit=60`,
      ],
    ]) {
      const first = await server.ask(path);
      if (first.status === 404) continue;
      const again = [];
      for (let i = 0; i < rounds; i++) again.push(await server.ask(path));
      // Like a page that already has the answer.
      const unchanged = first.etag
        ? await server.ask(path, { 'if-none-match': first.etag })
        : undefined;
      rows.push({
        name,
        bytes: first.bytes,
        firstMs: first.ms,
        firstCpuMs: first.cpuMs,
        againMs: median(again.map(({ ms }) => ms)),
        againHighestMs: Math.max(...again.map(({ ms }) => ms)),
        againCpuMs: median(again.map(({ cpuMs }) => cpuMs)),
        ...(unchanged?.status === 304 && {
          unchangedMs: unchanged.ms,
          unchangedBytes: unchanged.bytes,
        }),
      });
    }
    return rows;
  });

  const delays = [];
  for (const [name, paths] of [
    [`${SLOW} files of predictions`, files.slice(0, SLOW).map(predictions)],
    [`${SLOW} times the curves`, Array.from({ length: SLOW }, () => curves)],
  ]) {
    delays.push({
      name,
      ...(await withServer(module, root, (server) => delayUnder(server, paths))),
    });
  }
  return { ...started, events, images, runs, rounds, answers, delays };
}

/**
 * Measures how long the list of runs takes alone, and while all these paths are requested
 * concurrently.
 */
async function delayUnder(server, paths) {
  const alone = [];
  for (let i = 0; i < 7; i++) alone.push((await server.fetch('/api/runs')).ms);
  const started = performance.now();
  let isPending = true;
  const slow = Promise.all(paths.map((path) => server.fetch(path))).then(() => (isPending = false));
  const during = [];
  while (isPending) {
    during.push((await server.fetch('/api/runs')).ms);
    await pause(20);
  }
  await slow;
  const seconds = (performance.now() - started) / 1000;
  const { rssMb } = await server.usage();
  return {
    aloneMs: median(alone.slice(1)),
    highestMs: Math.max(...during),
    medianMs: median(during),
    asked: during.length,
    seconds,
    rssMb,
  };
}

async function withServer(module, root, work) {
  const child = spawn(process.execPath, [join(here, 'server-side.mjs'), module, root], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const [{ url }] = await once(child, 'message');
    const usageNow = async () => {
      child.send('usage');
      return (await once(child, 'message'))[0];
    };
    const get = async (path, headers = {}) => {
      const start = performance.now();
      const response = await fetch(new URL(path, url), { headers });
      const { byteLength } = await response.arrayBuffer();
      return {
        status: response.status,
        ms: performance.now() - start,
        bytes: byteLength,
        etag: response.headers.get('etag'),
      };
    };
    // Exclude the connection and the first read of the folder from the answers.
    await get('/');
    const ask = async (path, headers) => {
      const before = await usageNow();
      const answer = await get(path, headers);
      return { ...answer, cpuMs: (await usageNow()).cpuMs - before.cpuMs };
    };
    return await work({ ask, fetch: get, usage: usageNow });
  } finally {
    child.kill();
  }
}

function readable({ machine, events, images, runs, rounds, answers, delays }) {
  const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`.padStart(9);
  const width = Math.max(
    ...answers.map(({ name }) => name.length),
    ...delays.map(({ name }) => name.length),
  );
  const lines = answers.map(
    ({
      name,
      bytes,
      firstMs,
      firstCpuMs,
      againMs,
      againHighestMs,
      againCpuMs,
      unchangedMs,
      unchangedBytes,
    }) =>
      `${name.padEnd(width)} ${`${(bytes / 1000).toFixed(0)} kB`.padStart(8)}  first ${ms(firstMs)} (${ms(firstCpuMs).trim()} of processor)  again ${ms(againMs)} (up to ${ms(againHighestMs).trim()}; ${ms(againCpuMs).trim()} of processor)` +
      (unchangedMs === undefined ? '' : `  unchanged ${ms(unchangedMs)}, ${unchangedBytes} bytes`),
  );
  const waits = delays.map(
    ({ name, aloneMs, highestMs, medianMs, asked, seconds, rssMb }) =>
      `${name.padEnd(width)}  list of runs: alone ${ms(aloneMs)}, meanwhile ${ms(medianMs)} (up to ${ms(highestMs).trim()}, ${asked} times in ${seconds.toFixed(1)} s); ${rssMb.toFixed(0)} MB`,
  );
  const title = `${events} events, ${images} predictions, ${runs} runs; ${rounds} requests each; ${machineText(machine)}`;
  return `${[title, ...lines, ...waits].join('\n')}\n`;
}
