// Feeds mutated images, archives, TFRecord files and lists to the readers. Each input must produce
// a result or a FixresDataError: never a crash, another error, more than 60 s, more than 1 GiB of
// memory, or a file outside its folder.
//
// pnpm build && node scripts/fuzz.mjs [--count 2000] [--seed 0] [--first 0] [--json]
//
// Case number n of a seed is always the same; `--first n --count 1` repeats it alone. The exit code
// is 1 if there is a problem.
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { parseArgs } from 'node:util';
import { kinds } from './fuzz/mutate.mjs';

const LIMIT_MS = 60_000;
const LIMIT_MB = 1024;
const HEAP_MB = 512;

const text = { type: 'string' };
const { values } = parseArgs({
  options: { count: text, seed: text, first: text, json: { type: 'boolean' } },
});
const [count, seed, first] = [values.count ?? 2000, values.seed ?? 0, values.first ?? 0].map(
  Number,
);
if (![count, seed, first].every((value) => Number.isInteger(value) && value >= 0))
  throw new Error('--count, --seed and --first are whole numbers.');

const sandbox = mkdtempSync(join(tmpdir(), 'fixres-fuzz-'));
const work = join(sandbox, 'level/level/level/work');
const temporary = join(sandbox, 'level/temporary');
mkdirSync(work, { recursive: true });
mkdirSync(temporary);

const outcomes = {};
const problems = [];
let slowestMs = 0;
let peakMb = 0;
let child;
try {
  for (let number = first; number < first + count; number++) {
    child ??= await startChild();
    const answer = await run(child, number);
    slowestMs = Math.max(slowestMs, answer.ms ?? LIMIT_MS);
    peakMb = Math.max(peakMb, answer.peakMb ?? 0);
    if (answer.peakMb > LIMIT_MB)
      answer.problem ??= `took ${Math.round(answer.peakMb)} MiB of memory`;
    const kind = kinds[number % kinds.length];
    const ofKind = (outcomes[kind] ??= {});
    ofKind[answer.outcome] = (ofKind[answer.outcome] ?? 0) + 1;
    if (!answer.problem) continue;
    problems.push({ case: number, kind, problem: answer.problem });
    // The next case starts in a new process with its own memory.
    child.kill('SIGKILL');
    child = undefined;
  }
} finally {
  child?.kill('SIGKILL');
  rmSync(sandbox, { recursive: true, force: true });
}

const summary = {
  seed,
  first,
  count,
  outcomes,
  slowestMs: Math.round(slowestMs),
  peakMb: Math.round(peakMb),
  problems,
};
if (values.json) console.log(JSON.stringify(summary));
else {
  console.log(
    `${count} cases of seed ${seed}: slowest ${summary.slowestMs} ms, most memory ${summary.peakMb} MiB`,
  );
  for (const [kind, results] of Object.entries(outcomes))
    console.log(`  ${kind.padEnd(9)} ${JSON.stringify(results)}`);
  for (const { case: number, kind, problem } of problems)
    console.log(`PROBLEM in case ${number} (${kind}): ${problem}`);
}
process.exitCode = problems.length > 0 ? 1 : 0;

async function startChild() {
  const started = fork(new URL('./fuzz/child.mjs', import.meta.url), [String(seed)], {
    cwd: work,
    env: { ...process.env, TMPDIR: temporary },
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
    // Messages that libraries print about broken files do not matter.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const answer = await reply(started);
  if (answer !== 'ready') throw new Error(`The child did not start: ${JSON.stringify(answer)}`);
  return started;
}

async function run(runner, number) {
  const timeout = setTimeout(() => runner.kill('SIGKILL'), LIMIT_MS);
  const start = performance.now();
  runner.send(number);
  const answer = await reply(runner);
  clearTimeout(timeout);
  if (!answer.died) return answer;
  rmSync(join(work, 'inputs'), { recursive: true, force: true });
  rmSync(join(work, 'cache'), { recursive: true, force: true });
  const hung = performance.now() - start >= LIMIT_MS;
  return {
    outcome: hung ? 'hang' : 'crash',
    problem: hung ? `took more than ${LIMIT_MS} ms` : `crashed (${answer.died})`,
  };
}

/** The next message, or how the process died. */
function reply(runner) {
  return new Promise((resolve) => {
    const done = (value) => {
      runner.off('message', done);
      runner.off('exit', died);
      resolve(value);
    };
    const died = (code, signal) => done({ died: signal ?? `exit code ${code}` });
    runner.once('message', done);
    runner.once('exit', died);
  });
}
