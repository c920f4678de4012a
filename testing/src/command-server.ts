// Runs one command line after another in one process, so that code is loaded and compiled only
// once: see warm-process.ts. Argument: URL of the module with runProgram.
import { Buffer } from 'node:buffer';
import { setTimeout } from 'node:timers/promises';
import type { Command } from './warm-process.ts';

const { runProgram } = (await import(process.argv[2]!)) as {
  runProgram: (words: readonly string[]) => Promise<void>;
};

for (const name of ['stdout', 'stderr'] as const)
  process[name].write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | (() => void),
    callback?: () => void,
  ) => {
    process.send!({ [name]: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    const done = typeof encoding === 'function' ? encoding : callback;
    if (done) process.nextTick(done);
    return true;
  };

process.on('message', ({ words, cwd, env }: Command) => {
  void run(words, cwd, env).then((code) => process.send!({ code }));
});

async function run(
  words: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<string | number> {
  process.chdir(cwd);
  for (const name of Object.keys(process.env))
    if (!(name in env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, env);
  process.argv.splice(2, Infinity, ...words);
  process.exitCode = 0;
  await runProgram(words);
  await wouldExit(words);
  const code = process.exitCode;
  process.exitCode = 0;
  return code;
}

/**
 * Waits until nothing of a command keeps the process alive any more: until it would exit by itself,
 * if it had a process of its own. Otherwise ends the process, which fails the test.
 */
async function wouldExit(words: readonly string[]): Promise<void> {
  // As long as tests poll: less than their own limit, so that this message is what they fail with.
  const patience = performance.now() + 300_000;
  for (;;) {
    const left = process.getActiveResourcesInfo();
    for (const name of atRest) if (left.includes(name)) left.splice(left.indexOf(name), 1);
    if (left.length === 0) return;
    if (performance.now() > patience) {
      process.stderr.write(`${words.join(' ')} would not exit: ${left.join(', ')}\n`);
      process.exit(70);
    }
    await setTimeout(5);
  }
}

process.on('disconnect', () => process.exit());
const atRest = process.getActiveResourcesInfo();
process.send!({ ready: true });
