// Measures the processor time (user and system, all threads) and the time by the clock of the first commands,
// compared with Node alone, and the time by the clock until a training has taken its first step. The commands
// alternate, so that other load on the machine affects all of them.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requireEngine } from '@fixres/engine';
import { about, machineText } from '../about.mjs';
import { median } from '../median.mjs';
import { round } from '../spread-of.mjs';
import { UsageError } from '../usage-error.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const usageHook = join(here, 'usage-side.cjs');
const repository = join(here, '..', '..');
const bin = join(repository, 'apps', 'cli', 'bin', 'fixres.js');
const photos = join(repository, 'testing', 'photos');
const photo = join(photos, 'monuments', 'colosseum.jpg');

const usage = `Usage: pnpm bench cli [options]
  --rounds N          runs of each command (default 11)
  --warm-up N         unmeasured runs first, so that files are in the system's cache (default 1)
  --width N           channels of the stem of the model that predicts (default 64)
  --json              one JSON object on stdout
`;

/** The measured commands: the arguments of `node`, and the exit code. @param model folder that predicts */
const commandsWith = (model) => ({
  'node alone': { words: ['--eval', ''], code: 0 },
  fixres: { words: [bin], code: 2 },
  'fixres --help': { words: [bin, '--help'], code: 0 },
  'fixres train --help': { words: [bin, 'train', '--help'], code: 0 },
  'fixres train (wrong usage)': { words: [bin, 'train'], code: 2 },
  'fixres completion bash': { words: [bin, 'completion', 'bash'], code: 0 },
  'fixres doctor': { words: [bin, 'doctor'], code: 0 },
  ...Object.fromEntries(
    ['tensorflow', 'wasm']
      .filter(isSetUp)
      .map((engine) => [
        `fixres predict (${engine})`,
        { words: [bin, 'predict', model, photo, '--engine', engine, '--quiet'], code: 0 },
      ]),
  ),
});

function isSetUp(engine) {
  try {
    requireEngine({ engine });
    return true;
  } catch {
    return false;
  }
}

export async function main(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '11' },
      'warm-up': { type: 'string', default: '1' },
      width: { type: 'string', default: '64' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const whole = (name, low) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= low) return value;
    throw new UsageError(
      `Option --${name} is ${values[name]}; it must be a whole number of at least ${low}.`,
    );
  };
  const [rounds, warmUp, width] = [whole('rounds', 1), whole('warm-up', 0), whole('width', 1)];
  const folder = mkdtempSync(join(tmpdir(), 'fixres-bench-'));
  try {
    const model = join(folder, 'model');
    // In another process, because a process that starts others passes on its peak memory to them.
    execFileSync(process.execPath, [join(here, 'model-side.mjs'), model, String(width)]);
    const rowsOfCommands = measure(
      commandsWith(model),
      { rounds, warmUp },
      join(folder, 'usage.jsonl'),
    );
    const result = { ...rowsOfCommands, firstStep: await measureFirstStep(folder, width, rounds) };
    process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : readable(result));
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(commands, { rounds, warmUp }, file) {
  const started = about();
  const rows = Object.entries(commands).map(([name, command]) => ({
    name,
    ...command,
    ms: [],
    clockMs: [],
    peakRssMb: [],
  }));
  for (let turn = -warmUp; turn < rounds; turn++) {
    for (const { words, code, ms, clockMs, peakRssMb } of rows) {
      const used = processUsage(words, code, file);
      if (turn < 0) continue;
      ms.push(used.ms);
      clockMs.push(used.clockMs);
      peakRssMb.push(used.peakRssMb);
    }
  }
  return {
    ...started,
    rounds,
    commands: rows.map(({ name, ms, clockMs, peakRssMb }) => ({
      name,
      medianMs: median(ms),
      lowestMs: Math.min(...ms),
      highestMs: Math.max(...ms),
      ms,
      clockMs: median(clockMs),
      peakRssMb: median(peakRssMb),
    })),
    // Relative to Node alone.
    ratios: Object.fromEntries(
      rows.slice(1).map(({ name, ms }) => [name, round(median(ms) / median(rows[0].ms), 2)]),
    ),
  };
}

/** Milliseconds by the clock until ResNet50V2 has taken its first step at 128 pixels; null without the native engine. */
async function measureFirstStep(folder, width, rounds) {
  if (!isSetUp('tensorflow')) return null;
  const ms = [];
  for (let turn = 0; turn < rounds; turn++)
    ms.push(await untilFirstStep(join(folder, `run-${turn}`), width));
  return { medianMs: median(ms), lowestMs: Math.min(...ms), highestMs: Math.max(...ms), ms };
}

async function untilFirstStep(out, width) {
  const started = Date.now();
  const training = spawn(
    process.execPath,
    [
      ...[bin, 'train', photos, '--engine', 'tensorflow', '--width', width, '--out', out],
      ...['--image-size', 128, '--batch-size', 32, '--epochs', 1],
    ].map(String),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const messages = [];
  training.stderr.on('data', (part) => messages.push(part));
  const ended = once(training, 'close');
  try {
    for (;;) {
      const step = eventsIn(out).find(({ type }) => type === 'progress');
      if (step !== undefined) return Date.parse(step.time) - started;
      if (training.exitCode !== null)
        throw new Error(`fixres train ended with ${training.exitCode}: ${messages.join('')}`);
      await setTimeout(20);
    }
  } finally {
    training.kill('SIGKILL');
    await ended;
  }
}

/** The complete lines of a run's events so far. */
function eventsIn(run) {
  try {
    const text = readFileSync(join(run, 'events.jsonl'), 'utf8');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function processUsage(words, code, file) {
  const env = {
    ...process.env,
    NODE_OPTIONS: `--require=${JSON.stringify(usageHook)}`,
    FIXRES_BENCH_USAGE: file,
  };
  const started = performance.now();
  const { pid, status, stderr } = spawnSync(process.execPath, words, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const clockMs = Math.round(performance.now() - started);
  if (status !== code)
    throw new Error(`node ${words.join(' ')} ended with ${status}, not ${code}: ${stderr}`);
  // A command may start processes that also write a line.
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const own = lines.map((line) => JSON.parse(line)).findLast((used) => used.pid === pid);
  return { ...own, clockMs };
}

function readable({ machine, rounds, commands: rows, firstStep }) {
  const show = (value) => value.toFixed(0).padStart(4);
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(
    ({ name, medianMs, lowestMs, highestMs, clockMs, peakRssMb }) =>
      `${name.padEnd(width)}  ${show(medianMs)} ms (${lowestMs.toFixed(0)} to ${highestMs.toFixed(0)})  ${show(clockMs)} ms by the clock  ${show(peakRssMb)} MB`,
  );
  const title = `Processor time, time by the clock and peak memory, medians of ${rounds} runs; ${machineText(machine)}`;
  const first =
    firstStep === null
      ? []
      : [
          `fixres train, until the end of its first step, by the clock: ${show(firstStep.medianMs)} ms (${firstStep.lowestMs.toFixed(0)} to ${firstStep.highestMs.toFixed(0)})`,
        ];
  return `${[title, ...lines, ...first].join('\n')}\n`;
}
