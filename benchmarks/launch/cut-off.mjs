#!/usr/bin/env node
// Checks what happens to a training of two hosts when one is cut off from the network: both processes must end
// within the limit of a step, each with one line that names the other, and the resumed training must have the
// models and predictions of an undisturbed one, bit by bit. The hosts are network namespaces of this machine.
// Needs Linux, root, the program ip, a built checkout and the native engine. Takes about two minutes.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { reasonAgainstShaping, shapedNetwork } from '../cluster/shaped-network.mjs';
import { digests, say } from './compared-runs.mjs';

const bin = fileURLToPath(new URL('../../apps/cli/bin/fixres.js', import.meta.url));
/** Seconds in which a step must end. */
const STEP_TIMEOUT = 10;
/** Seconds in which a process notices that its own step failed, and ends. */
const SLACK = 5;
const train =
  'train synthetic --limit 1600 --model resnet14v2 --width 8 --image-size 48 --batch-size 20 --epochs 6 --engine tensorflow --deterministic'.split(
    ' ',
  );

const reason = reasonAgainstShaping();
if (reason !== undefined) {
  process.stderr.write(`There can be no hosts here: ${reason}.\n`);
  process.exitCode = 1;
} else process.exitCode = await check();

/** @returns the exit code */
async function check() {
  const folder = mkdtempSync(join(tmpdir(), 'fixres-cut-'));
  const network = shapedNetwork(2, 10);
  let isRight = false;
  try {
    const [whole, cut] = ['whole', 'cut'].map((name) => join(folder, name));
    say('One training of two hosts, undisturbed');
    for (const { code, stderr } of await ended(start(network, [...train, '--out', whole])))
      if (code !== 0) throw new Error(`an undisturbed process ended with ${code}: ${stderr}`);
    say('The same, and host 1 is cut off in its third epoch');
    const processes = start(network, [...train, '--out', cut]);
    // In a step: between trainings, others wait for half an hour.
    await until(() => isTraining(cut, 2));
    link(network, 'down');
    const began = performance.now();
    const ends = await ended(processes);
    const seconds = (performance.now() - began) / 1000;
    for (const [rank, { code, stderr }] of ends.entries()) {
      say(`Process ${rank} ended with ${code}: ${stderr}`);
      const other = `Process ${1 - rank} (${network.hosts[1 - rank].address}:8888) of 2 is gone`;
      if (code !== 1 || !stderr.startsWith(`error: ${other}`) || stderr.trim().includes('\n'))
        throw new Error(`process ${rank} does not end with one line on the other`);
    }
    say(`Both ended after ${seconds.toFixed(1)} s`);
    if (seconds > STEP_TIMEOUT + SLACK) throw new Error('it took longer than a step may');
    link(network, 'up');
    say('Resumed');
    for (const { code, stderr } of await ended(start(network, ['resume', cut])))
      if (code !== 0) throw new Error(`a resumed process ended with ${code}: ${stderr}`);
    const [expected, actual] = [whole, cut].map(digests);
    const differing = [...expected.keys()].filter(
      (name) => expected.get(name) !== actual.get(name),
    );
    if (differing.length > 0) throw new Error(`other bytes in ${differing.join(', ')}`);
    say(`passed: ${expected.size} files of models and predictions are equal, bit by bit`);
    isRight = true;
  } catch (error) {
    say(`FAILED: ${error.message}`);
  } finally {
    network.remove();
    if (isRight) rmSync(folder, { recursive: true });
    else say(`Kept: ${folder}`);
  }
  return isRight ? 0 : 1;
}

/** Starts a process in each host. */
function start({ hosts }, words) {
  const addresses = hosts.map(({ address }) => `${address}:8888`).join();
  return hosts.map(({ inside: [program, ...inside] }, rank) =>
    spawn(
      program,
      [
        ...[...inside, process.execPath, bin, ...words, '--quiet', '--cluster', addresses],
        ...['--rank', String(rank), '--step-timeout', String(STEP_TIMEOUT)],
      ],
      {
        env: { ...process.env, TF_NUM_INTRAOP_THREADS: '1' },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    ),
  );
}

/** Waits for processes. */
function ended(processes) {
  return Promise.all(
    processes.map(async (each) => {
      let stderr = '';
      each.stderr.on('data', (chunk) => (stderr += chunk));
      const code = await new Promise((done) => each.on('close', done));
      return { code, stderr: stderr.trim() };
    }),
  );
}

/** Takes the cable of host 1 away, or back. */
function link({ hosts }, state) {
  const [program, ...inside] = hosts[1].inside;
  execFileSync(program, [...inside, 'ip', 'link', 'set', 'eth0', state]);
}

/** Whether a run takes steps in an epoch, counted from 0, and not the last ones. */
function isTraining(run, wanted) {
  try {
    const last = readFileSync(join(run, 'events.jsonl'), 'utf8').trimEnd().split('\n').at(-1);
    const { type, phase, epoch, step, steps } = JSON.parse(last);
    return type === 'progress' && phase === 'train' && epoch >= wanted && step < steps / 2;
  } catch {
    return false;
  }
}

async function until(condition) {
  for (let i = 0; i < 15_000; i++) {
    if (condition()) return;
    await sleep(20);
  }
  throw new Error('the training did not begin in five minutes');
}
