// What one model costs on several processes: steps, bytes of gradients and all-reduces of processes with
// one thread each; a cost model that is fitted to two processes, compared with what is measured, also
// between hosts with a network of a given bandwidth, and asked about more; and fine-tuning on cached
// features.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { modelNames, stemWidths } from '@fixres/models/names';
import { about, machineText } from '../about.mjs';
import { median } from '../median.mjs';
import { syntheticPhotos } from '../scale/synthetic-photos.mjs';
import { round, spreadOf } from '../spread-of.mjs';
import { UsageError } from '../usage-error.mjs';
import { allReduceSeconds, fittedLink, stepSeconds, throughNetwork } from './cost-model.mjs';
import { reasonAgainstShaping, shapedNetwork } from './shaped-network.mjs';

const folderOf = (url) => fileURLToPath(new URL(url, import.meta.url));
const side = join(dirname(fileURLToPath(import.meta.url)), 'process-side.mjs');
const fixres = folderOf('../../apps/cli/bin/fixres.js');
/** Each process has one thread, so that more processes are more computing. */
const env = { ...process.env, TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' };
/** Numbers of processes that the model is asked about, each with a host of its own. */
const ASKED = [8, 16, 32, 64];

const usage = `Usage: pnpm bench cluster [options]
  --processes LIST    numbers of processes that begin with 1,2 (default 1,2,4)
  --model NAME        network (default resnet50v2)
  --width N           channels of its stem (default: that of the network)
  --size N            image size (default 96)
  --batch N           images of a process in a step (default 8)
  --steps N           steps of a round (default 5)
  --rounds N          rounds (default 5)
  --megabytes LIST    float32 numbers that are all-reduced besides the gradients (default 0.1,1,8)
  --gbits LIST        bandwidths between two hosts, as root (default 1,10,25; none: leave out)
  --tune-size N       image size of the fine-tuning (default 224)
  --images N          its photos (default 1280; 0: leave out)
  --epochs N          its epochs, at least 2 (default 10)
  --json              one JSON object on stdout
`;

export async function main(args) {
  const text = (value) => ({ type: 'string', ...(value !== undefined && { default: value }) });
  const flag = { type: 'boolean', default: false };
  const {
    values: { json, help, ...values },
  } = parseArgs({
    args,
    options: {
      processes: text('1,2,4'),
      model: text('resnet50v2'),
      width: text(),
      size: text('96'),
      batch: text('8'),
      steps: text('5'),
      rounds: text('5'),
      megabytes: text('0.1,1,8'),
      gbits: text('1,10,25'),
      'tune-size': text('224'),
      images: text('1280'),
      epochs: text('10'),
      json: flag,
      help: flag,
    },
  });
  if (help) {
    process.stdout.write(usage);
    return 0;
  }
  const result = await measure(parsed(values));
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : readable(result));
  return 0;
}

function parsed({ processes, model, megabytes, gbits, ...values }) {
  if (!modelNames.includes(model))
    throw new UsageError(`Option --model is ${model}; allowed are ${modelNames.join(', ')}.`);
  const positive = (name, list) =>
    list.split(',').map((word) => {
      const value = Number(word);
      if (value > 0 && value <= 1000) return value;
      throw new UsageError(
        `Option --${name} has "${word}"; allowed are numbers of more than 0, at most 1000.`,
      );
    });
  const counts = processes.split(',').map(Number);
  const isRising = counts.every(
    (count, i) => Number.isInteger(count) && count > (counts[i - 1] ?? 0),
  );
  if (!isRising || counts[0] !== 1 || counts[1] !== 2)
    throw new UsageError(
      `Option --processes is ${processes}; it must be rising whole numbers that begin with 1,2.`,
    );
  const wholes = Object.entries({ ...values, width: values.width ?? stemWidths[model] });
  const numbers = wholes.map(([name, word]) => {
    const value = Number(word);
    const least = { images: 0, epochs: 2 }[name] ?? 1;
    if (Number.isInteger(value) && value >= least) return [name, value];
    throw new UsageError(
      `Option --${name} is ${word}; it must be a whole number of at least ${least}.`,
    );
  });
  return {
    processes: counts,
    model,
    // Numbers of 4 bytes.
    sizes: positive('megabytes', megabytes).map((each) => 4 * Math.ceil((each * 1e6) / 4)),
    gbits: gbits === 'none' ? [] : positive('gbits', gbits),
    ...Object.fromEntries(numbers),
  };
}

async function measure(settings) {
  const started = about();
  const measured = [];
  for (const processes of settings.processes)
    measured.push({ processes, ...(await together(await localHosts(processes), settings)) });
  const [{ bytes, stepSeconds: alone, versions }] = measured;
  const compute = median(alone);
  const { cores } = started.machine;
  const link = linkOf(measured[1], cores);
  const shaped = await betweenHosts(settings, link, { compute, bytes, cores });
  return {
    ...started,
    versions,
    settings,
    bytes,
    link: linkText(link),
    steps: measured.map((each) => compared(each, link, { compute, bytes, cores })),
    shaped,
    predicted: [
      { link: 'as between two processes here', ...link },
      ...settings.gbits.map((gbits) => ({
        link: `${gbits} Gbit/s`,
        ...throughNetwork(link, bytesASecond(gbits)),
      })),
    ].map(({ link: name, ...each }) => ({
      link: name,
      steps: ASKED.map((processes) => {
        const seconds = stepSeconds(each, { compute, bytes, processes });
        return { processes, ms: round(1000 * seconds, 1), efficiency: round(compute / seconds, 3) };
      }),
    })),
    finetune: settings.images === 0 ? null : await finetune(settings),
  };
}

/** What the processes on some hosts measured. @param hosts `address` with its port, and `inside` */
async function together(hosts, { model, width, size, batch, steps, rounds, sizes }) {
  const addresses = hosts.map(({ address }) => address);
  // A process that is left alone would wait for the others for half an hour.
  const failed = new AbortController();
  const answers = await Promise.all(
    hosts.map(async ({ inside = [] }, rank) => {
      const settings = { addresses, rank, model, width, size, batch, steps, rounds, sizes };
      const [program, ...words] = [...inside, process.execPath, side, JSON.stringify(settings)];
      const options = { env, maxBuffer: 2 ** 26, signal: failed.signal };
      try {
        return (await promisify(execFile)(program, words, options)).stdout;
      } catch (error) {
        failed.abort();
        throw error;
      }
    }),
  );
  process.stderr.write(`${hosts.length} processes: measured\n`);
  return JSON.parse(answers[0]);
}

/** Free ports of this host. */
async function localHosts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) => {
          const server = createServer();
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const hosts = servers.map((server) => ({ address: `127.0.0.1:${server.address().port}` }));
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return hosts;
}

/** Two processes on hosts of their own, with each bandwidth; why not, if that cannot be. */
async function betweenHosts(settings, link, step) {
  const reason = settings.gbits.length === 0 ? 'it was left out' : reasonAgainstShaping();
  if (reason !== undefined) return { reason };
  const rows = [];
  for (const gbits of settings.gbits) {
    const { hosts, remove } = shapedNetwork(2, gbits);
    try {
      const placed = hosts.map(({ address, inside }) => ({ address: `${address}:8888`, inside }));
      const found = { processes: 2, ...(await together(placed, settings)) };
      const slower = throughNetwork(link, bytesASecond(gbits));
      rows.push({
        gbits,
        fitted: linkText(linkOf(found, step.cores)),
        ...compared(found, slower, step),
      });
    } finally {
      remove();
    }
  }
  return { rows };
}

function linkOf({ processes, allReduce }, cores) {
  return fittedLink(
    allReduce.map(({ bytes, seconds }) => ({ processes, cores, bytes, seconds: median(seconds) })),
  );
}

function bytesASecond(gbits) {
  return (gbits * 1e9) / 8;
}

function linkText({ latency, bandwidth }) {
  return { latencyMs: round(1000 * latency, 3), gbits: round((8 * bandwidth) / 1e9, 3) };
}

/** Measured milliseconds beside those of the cost model. */
function compared({ processes, stepSeconds: steps, allReduce }, link, { compute, bytes, cores }) {
  const both = (seconds, predicted) => ({
    ms: spreadOf(
      seconds.map((each) => 1000 * each),
      2,
    ),
    predictedMs: round(1000 * predicted, 2),
    difference: round(predicted / median(seconds) - 1, 3),
  });
  return {
    processes,
    step: both(steps, stepSeconds(link, { compute, bytes, processes, cores })),
    allReduce: allReduce.map(({ bytes: size, seconds }) => ({
      bytes: size,
      ...both(seconds, allReduceSeconds(link, { processes, cores, bytes: size })),
    })),
  };
}

/**
 * Fine-tuning on cached features with one process and with two, each with a thread and a core of its own:
 * the threads that read photos may not use the core of another process. Besides, two fine-tunings apart at
 * the same time: what the cores give when nothing is exchanged.
 */
async function finetune(settings) {
  const { model, width, batch, images, epochs, rounds, 'tune-size': size } = settings;
  const folder = mkdtempSync(join(tmpdir(), 'fixres-bench-'));
  try {
    const policy = { policy: 'shortSideCrop', size };
    const arm = { name: 'tuned', freeze: 'classifier', epochs, learningRate: 0.01 };
    const file = join(folder, 'experiment.json');
    writeFileSync(
      file,
      JSON.stringify({
        version: 1,
        dataset: await syntheticPhotos(folder, images),
        model: { name: model, width },
        arms: [{ ...arm, trainPolicy: policy, testPolicy: policy }],
        batchSize: 2 * batch,
      }),
    );
    const runs = { alone: [], two: [], apart: [] };
    const cores = ownCores(2);
    const run = async (name, on) => {
      const words = ['launch', '--processes', String(on.length), '--', 'run', file];
      const output = ['--out', join(folder, name), '--quiet', '--json', '--engine', 'tensorflow'];
      const program = ['-c', on.join(), process.execPath, fixres];
      await promisify(execFile)('taskset', [...program, ...words, ...output], {
        env,
        maxBuffer: 2 ** 26,
      });
      return epochTimes(join(folder, name, 'events.jsonl'));
    };
    for (let turn = 0; turn < rounds; turn++) {
      runs.alone.push(await run(`alone-${turn}`, cores.slice(0, 1)));
      runs.two.push(await run(`two-${turn}`, cores));
      const both = await Promise.all(cores.map((core, i) => run(`apart-${turn}-${i}`, [core])));
      runs.apart.push({
        imagesPerSecond: round(both[0].imagesPerSecond + both[1].imagesPerSecond, 1),
        firstEpochSeconds: Math.max(...both.map((each) => each.firstEpochSeconds)),
        laterEpochMs: Math.max(...both.map((each) => each.laterEpochMs)),
      });
      const speeds = Object.values(runs).map((each) => each.at(-1).imagesPerSecond);
      process.stderr.write(
        `fine-tuning: ${speeds[0]} img/s alone, ${speeds[1]} with two processes, ${speeds[2]} in two apart\n`,
      );
    }
    const spread = (each, digits) =>
      Object.fromEntries(
        Object.entries(runs).map(([name, of]) => [name, spreadOf(of.map(each), digits)]),
      );
    const ratioTo = (a, b) =>
      spreadOf(
        runs[a].map(({ imagesPerSecond }, i) => imagesPerSecond / runs[b][i].imagesPerSecond),
        2,
      );
    return {
      ...spread((each) => each.imagesPerSecond, 1),
      ratio: ratioTo('two', 'alone'),
      ratioToApart: ratioTo('two', 'apart'),
      firstEpochSeconds: spread((each) => each.firstEpochSeconds, 3),
      laterEpochMs: spread((each) => each.laterEpochMs, 1),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The first cores that this process may use. */
function ownCores(count) {
  const [, list] = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const cores = list.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  return cores.slice(0, count);
}

/**
 * Images a second of all epochs; the time of the first epoch, which computes the features, and of a later
 * one, which trains on them. Evaluations and checkpoints do not count.
 */
function epochTimes(file) {
  const events = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const epochs = events.filter(({ type }) => type === 'epoch');
  const seconds = epochs.reduce((sum, each) => sum + each.seconds, 0);
  const images = epochs.reduce((sum, each) => sum + each.seconds * each.imagesPerSecond, 0);
  const [first, ...later] = epochs.map((each) => each.seconds);
  return {
    imagesPerSecond: round(images / seconds, 1),
    firstEpochSeconds: first,
    laterEpochMs: 1000 * median(later),
  };
}

function readable({ machine, bytes, link, steps, shaped, predicted, finetune: tuned }) {
  const of = ({ ms, predictedMs, difference }) =>
    `${ms.median} ms (${ms.lowest} to ${ms.highest}), predicted ${predictedMs} (${percent(difference)})`;
  const rows = (each) => [
    `  step ${of(each.step)}`,
    ...each.allReduce.map((one) => `  all-reduce of ${one.bytes / 1e6} MB ${of(one)}`),
  ];
  return [
    machineText(machine),
    `Gradients: ${bytes / 1e6} MB. Link of two processes: ${link.latencyMs} ms, ${link.gbits} Gbit/s`,
    ...steps.flatMap((each) => [`${each.processes} processes`, ...rows(each)]),
    ...(shaped.rows?.flatMap((each) => [`2 hosts, ${each.gbits} Gbit/s`, ...rows(each)]) ?? [
      `No shaped network: ${shaped.reason}`,
    ]),
    ...predicted.map(
      (each) =>
        `${each.link}: ${each.steps.map(({ processes, efficiency }) => `${processes} processes ${percent(efficiency)}`).join(', ')}`,
    ),
    ...(tuned
      ? [
          `Fine-tuning on cached features: ${tuned.alone.median} img/s alone, ${tuned.two.median} with two processes (${tuned.ratio.median} x), ${tuned.apart.median} in two apart`,
        ]
      : []),
    '',
  ].join('\n');
}

function percent(part) {
  return `${round(100 * part, 1)} %`;
}
