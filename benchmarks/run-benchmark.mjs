import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from './usage-error.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'run.mjs')));

/** Runs benchmarks/<name>/run.mjs, and sets the exit code. @param words the name and the options */
export async function runProgram([name, ...options]) {
  if (names.includes(name)) {
    const { main } = await import(pathToFileURL(join(folder, name, 'run.mjs')).href);
    try {
      process.exitCode = await main(options);
    } catch (error) {
      const isUsage =
        error instanceof UsageError || String(error.code).startsWith('ERR_PARSE_ARGS');
      if (!isUsage) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 2;
    }
  } else {
    process.stderr.write(`Usage: pnpm bench <${names.join('|')}> [options]\n`);
    process.exitCode = 2;
  }
}
