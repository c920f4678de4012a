#!/usr/bin/env node
// Checks that a training of several processes survives their loss: kills random processes of
// `fixres launch --restarts` at random times, some with SIGSTOP, until 20 are lost. The models and
// predictions must be those of an undisturbed training, bit by bit. Takes about ten minutes on an idle
// machine. Needs Linux, a built checkout and the native engine.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '@fixres/data';
import { digests, say } from './compared-runs.mjs';

const usage = `Usage: node benchmarks/launch/check.mjs [options]
  --processes N   processes that train together (default 2)
  --kills N       processes that are lost, every fifth by SIGSTOP (default 20)
  --seed N        of the choice of processes and times (default 0)
  --keep          keep the folder with the runs
`;
const bin = fileURLToPath(new URL('../../apps/cli/bin/fixres.js', import.meta.url));
/** Seconds in which a step must end. */
const STEP_TIMEOUT = 3;
/**
 * Seconds after which a stopped process is continued: between trainings, the others wait for half an
 * hour.
 */
const STOPPED = 60;

const text = { type: 'string' };
const { values } = parseArgs({
  options: {
    processes: { ...text, default: '2' },
    kills: { ...text, default: '20' },
    seed: { ...text, default: '0' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(usage);
else process.exitCode = await check(values);

/** @returns the exit code */
async function check({ processes, kills, seed, keep }) {
  const folder = mkdtempSync(join(tmpdir(), 'fixres-launch-'));
  const file = join(folder, 'experiment.json');
  writeFileSync(file, JSON.stringify(experiment(Number(processes), Number(kills))));
  let isRight = false;
  try {
    const [whole, disturbed] = ['whole', 'disturbed'].map((name) => join(folder, name));
    say(`One training of ${processes} processes, undisturbed`);
    const first = launched(file, whole, { processes, restarts: 0 });
    await first.ended('An undisturbed training failed');
    say(`Events: ${first.events.length}. The same with ${kills} processes lost`);
    const second = launched(file, disturbed, { processes, restarts: Number(kills) });
    await disturb(second, { kills: Number(kills), seed: Number(seed) });
    await second.ended('The training was not brought back');
    const [expected, actual] = [whole, disturbed].map(digests);
    const differing = [...new Set([...expected.keys(), ...actual.keys()])].filter(
      (name) => expected.get(name) !== actual.get(name),
    );
    isRight = differing.length === 0;
    say(
      isRight
        ? `passed: ${expected.size} files of models and predictions are equal, bit by bit`
        : `FAILED: other bytes in ${differing.join(', ')}`,
    );
  } catch (error) {
    say(`FAILED: ${error.message}`);
  } finally {
    if (keep || !isRight) say(`Kept: ${folder}`);
    else rmSync(folder, { recursive: true });
  }
  return isRight ? 0 : 1;
}

/**
 * Has everything with a state: momentum, an average, precise statistics, cached features. Long enough for
 * a number of losses.
 */
function experiment(processes, epochs) {
  const shared = { optimizer: { type: 'sgd', momentum: 0.9 }, ema: { momentum: 0.9 } };
  const policy = { policy: 'shortSideCrop', size: 48 };
  return {
    version: 1,
    dataset: { source: 'synthetic', limit: 40 },
    model: { name: 'resnet14v2', width: 4 },
    arms: [
      {
        name: 'small',
        trainPolicy: { policy: 'sampledBoundingBoxCrop', size: 32 },
        testPolicy: { policy: 'resize', size: 32 },
        epochs,
        schedule: { type: 'cosine', rate: 0.02 },
        ...shared,
      },
      {
        name: 'tuned',
        initFrom: 'small',
        freeze: 'classifier+last-bn-stats',
        trainPolicy: { ...policy, flip: true },
        testPolicy: policy,
        epochs,
        learningRate: 0.01,
        ...shared,
      },
    ],
    normStatistics: 'precise',
    batchSize: 4 * processes,
    checkpoint: { everySeconds: 1 },
    deterministic: true,
  };
}

/** A training by `fixres launch`, and its events as they arrive. */
function launched(file, run, { processes, restarts }) {
  const child = spawn(
    process.execPath,
    [
      bin,
      ...['launch', '--processes', processes, '--restarts', String(restarts), '--', 'run', file],
      ...['--out', run, '--ndjson', '--engine', 'tensorflow'],
      ...['--step-timeout', String(STEP_TIMEOUT)],
    ],
    { env: { ...process.env, TF_NUM_INTRAOP_THREADS: '1' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  process.once('exit', () => child.kill());
  const events = [];
  createInterface(child.stdout).on('line', (line) => {
    const { type, epoch, step, phase, arm } = JSON.parse(line);
    if (type !== 'result') events.push([arm, phase ?? type, epoch, step].filter(isGiven).join(' '));
  });
  const errors = [];
  createInterface(child.stderr).on('line', (line) => {
    errors.push(line);
    if (/^error|^\[process|Starting all/.test(line)) say(`    ${line}`);
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  return {
    events,
    pid: child.pid,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async ended(message) {
      const code = await closed;
      if (code !== 0) throw new Error(`${message}: ${code}\n${errors.slice(-20).join('\n')}`);
    },
  };
}

/** Loses processes of a launched training, one after another. */
async function disturb(training, { kills, seed }) {
  const earlier = new Set();
  let startSeconds = 1;
  for (let kill = 1; kill <= kills; kill++) {
    const random = createRandom(seed, 'kill', kill);
    const processes = await until(() => childrenOf(training, earlier), training);
    for (const each of processes) earlier.add(each);
    const began = performance.now();
    const before = training.events.length;
    const hasBegun = () => training.events.length > before;
    if (kill % 4 === 0) {
      // While it starts.
      await sleep(1000 * startSeconds * random.next());
    } else {
      await until(hasBegun, training);
      startSeconds = (performance.now() - began) / 1000;
      const events = before + 1 + random.int(30);
      await until(() => training.events.length >= events, training);
      await sleep(200 * random.next());
    }
    const rank = random.int(processes.length);
    const signal = kill % 5 === 0 ? 'SIGSTOP' : 'SIGKILL';
    const place = hasBegun() ? `after: ${training.events.at(-1)}` : 'while it starts';
    say(`${kill}. ${signal} of process ${rank} ${place}`);
    process.kill(processes[rank], signal);
    const stopped = performance.now();
    let isStopped = signal === 'SIGSTOP';
    await until(() => {
      if (isStopped && performance.now() - stopped > 1000 * STOPPED) {
        isStopped = false;
        say('    The others wait for it between steps; it is continued');
        process.kill(processes[rank], 'SIGCONT');
        return true;
      }
      return !processes.some(isAlive);
    }, training);
    // Still the same processes, which have to be lost once more.
    if (processes.every(isAlive)) for (const each of processes) earlier.delete(each);
  }
}

/** Waits for a value. @throws Error if the training ends first */
async function until(value, training) {
  for (;;) {
    const found = value();
    if (found) return found;
    if (!training.isRunning()) throw new Error('The training ended before all were lost');
    await sleep(20);
  }
}

/** The processes of a session that began after some earlier ones, by rank; undefined before it has all. */
function childrenOf({ pid }, earlier) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    const found = [];
    for (const child of children.trim().split(' ').map(Number)) {
      const task = /TF_CONFIG=([^\0]*)/.exec(readFileSync(`/proc/${child}/environ`, 'utf8'));
      if (task === null || earlier.has(child)) continue;
      const { cluster, task: own } = JSON.parse(task[1]);
      found[own.index] = child;
      if (Object.keys(found).length === cluster.worker.length) return found;
    }
  } catch {
    // It has just ended.
  }
  return undefined;
}

function isAlive(pid) {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function isGiven(value) {
  return value !== undefined;
}
