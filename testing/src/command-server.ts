// Runs one command line after another in one process, so that code is loaded and compiled only
// once: see warm-process.ts. Argument: URL of the module with runProgram.
import { Buffer } from 'node:buffer';
import { setTimeout } from 'node:timers/promises';

const { runProgram } = await import(process.argv[2]);

for (const name of ['stdout', 'stderr'])
  process[name].write = (chunk, encoding, callback) => {
    process.send({ [name]: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    const done = typeof encoding === 'function' ? encoding : callback;
    if (done) process.nextTick(done);
    return true;
  };

process.on('message', async ({ words, cwd, env }) => {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.exitCode = 0;
  await runProgram(words);
  await wouldExit(words);
  const code = process.exitCode;
  process.exitCode = 0;
  process.send({ code });
});

/**
 * Waits until nothing of a command keeps the process alive any more: until it would exit by itself,
 * if it had a process of its own. Otherwise ends the process, which fails the test.
 */
async function wouldExit(words) {
  const patience = performance.now() + 60_000;
  for (;;) {
    const left = process.getActiveResourcesInfo();
    for (const name of atRest) if (left.includes(name)) left.splice(left.indexOf(name), 1);
    if (left.length === 0) return;
    if (performance.now() > patience) {
      process._rawDebug(`fixres ${words.join(' ')} would not exit: ${left.join(', ')}`);
      process.exit(70);
    }
    await setTimeout(5);
  }
}

process.on('disconnect', () => process.exit());
const atRest = process.getActiveResourcesInfo();
process.send({ ready: true });
