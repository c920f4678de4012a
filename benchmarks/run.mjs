// pnpm bench <name> [options]: runs benchmarks/<name>/run.mjs.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'run.mjs')));
const [name, ...options] = process.argv.slice(2);
if (names.includes(name)) {
  const { main } = await import(pathToFileURL(join(folder, name, 'run.mjs')).href);
  process.exitCode = await main(options);
} else {
  process.stderr.write(`Usage: pnpm bench <${names.join('|')}> [options]\n`);
  process.exitCode = 2;
}
