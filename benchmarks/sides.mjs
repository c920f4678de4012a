// The programs that a benchmark compares. Each waits for a line on stdin, runs one round and
// answers with a line of JSON.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Starts the programs. Those that cannot run, for example because a Python package is missing, are
 * skipped and named.
 *
 * @param heard name of the program whose stderr is shown
 */
export async function startSides(commands, heard = undefined) {
  const sides = [];
  for (const [name, [program, args]] of Object.entries(commands)) {
    // The reason was printed when it was looked for.
    if (program === undefined) continue;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', name === heard ? 2 : 'ignore'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const started = await Promise.race([
      lines.next(),
      new Promise((done) => child.on('error', () => done({ done: true }))),
    ]);
    if (started.done) {
      process.stderr.write(`${name} is left out: ${program} cannot run it\n`);
      continue;
    }
    const turn = async () => {
      child.stdin.write('go\n');
      const line = await lines.next();
      if (line.done) throw new Error(`${name} ended in the middle of its turn`);
      return JSON.parse(line.value);
    };
    const stop = () => {
      child.stdin.end();
      return finished(child);
    };
    sides.push({ name, ...JSON.parse(started.value), turns: [], turn, stop });
  }
  return sides;
}

/** Waits until a program exits. */
export function finished(child) {
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('exit', (code) =>
      code === 0 ? done() : fail(new Error(`${child.spawnfile} ended with ${code}`)),
    );
  });
}
