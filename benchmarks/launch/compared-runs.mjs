// What the checks of launched trainings share.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 of each file of models and predictions. */
export function digests(run) {
  const files = ['models', 'predictions'].flatMap((part) =>
    readdirSync(join(run, part), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  return new Map(
    files.map((name) => [
      name.slice(run.length + 1),
      createHash('sha256').update(readFileSync(name)).digest('hex'),
    ]),
  );
}

/** Prints a line with the time. */
export function say(message) {
  process.stdout.write(`${new Date().toTimeString().slice(0, 8)}  ${message}\n`);
}
