// The programs that a benchmark sets side by side: each waits for a line on stdin, takes its turn and answers with one of JSON.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Starts the programs; those that cannot run (no such Python package, say) are left out and named.
 *
 * @param heard name of the one whose stderr is shown
 */
export async function startSides(commands, heard = undefined) {
  const sides = [];
  for (const [name, [program, args]] of Object.entries(commands)) {
    // Why it could not be had was said when it was looked for.
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

/** Waits for the end of a program. */
export function finished(child) {
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('exit', (code) =>
      code === 0 ? done() : fail(new Error(`${child.spawnfile} ended with ${code}`)),
    );
  });
}
