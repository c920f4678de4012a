// A process and all that it starts: time, processor time, and memory while it runs.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';
import { round } from './spread-of.mjs';

/** Milliseconds between two readings of memory. */
const EVERY = 400;

/** Clock ticks per second in /proc: 100 on every Linux that Node supports. */
const TICKS = 100;

/**
 * Runs a program to its end.
 *
 * @returns its stdout, seconds, processor seconds, and the highest sum of the resident memory of the
 * process and its descendants, in 10^6 bytes, with `timeline`: pairs of seconds since `startedAt`
 * (seconds since 1970) and 10^6 bytes.
 * Needs Linux. Pages that several processes share, as the workers of PyTorch do with their parent, count
 * once (proportional set size).
 */
export async function usageOf(program, args, options = {}) {
  const startedAt = Date.now() / 1000;
  const began = performance.now();
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 2] });
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  const timeline = [];
  let cpuSeconds = 0;
  const read = () => {
    const tree = treeOf(child.pid);
    if (tree.length === 0) return;
    const sum = (field) => tree.reduce((total, each) => total + each[field], 0);
    const seconds = (performance.now() - began) / 1000;
    timeline.push([round(seconds, 1), Math.round(sum('rssMb'))]);
    // Of processes that have ended, their parents keep the time.
    cpuSeconds = Math.max(cpuSeconds, sum('cpuSeconds'));
  };
  const timer = setInterval(read, EVERY);
  try {
    await new Promise((done, fail) => {
      child.on('error', fail);
      child.on('close', (code) =>
        code === 0 ? done() : fail(new Error(`${[program, ...args].join(' ')} ended with ${code}`)),
      );
    });
  } finally {
    clearInterval(timer);
  }
  return {
    stdout,
    startedAt,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds,
    peakRssMb: Math.max(...timeline.map(([, mb]) => mb)),
    timeline,
  };
}

/** The process and its descendants; empty if it has ended. */
function treeOf(root) {
  const all = new Map();
  for (const pid of processes()) {
    const each = readProcess(pid);
    if (each) all.set(pid, each);
  }
  const isInTree = (pid) => {
    for (let each = pid; all.has(each); each = all.get(each).parent) if (each === root) return true;
    return false;
  };
  return [...all].filter(([pid]) => isInTree(pid)).map(([, each]) => each);
}

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readProcess(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const memory = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number);
    return {
      parent: Number(fields[1]),
      cpuSeconds: (user + system + childUser + childSystem) / TICKS,
      rssMb: (Number(/^Pss:\s*(\d+)/m.exec(memory)?.[1] ?? 0) * 1024) / 1e6,
    };
  } catch {
    // It ended meanwhile.
    return undefined;
  }
}
