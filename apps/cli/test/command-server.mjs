// Runs one command line after another in one process, so that code is loaded and compiled only
// once: see warm-process.ts. Argument: URL of the module with runProgram.
import { Buffer } from 'node:buffer';

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
  const code = process.exitCode;
  process.exitCode = 0;
  process.send({ code });
});

process.on('disconnect', () => process.exit());
process.send({ ready: true });
