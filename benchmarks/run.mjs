// pnpm bench <name> [options]: runs benchmarks/<name>/run.mjs.
import { runProgram } from './run-benchmark.mjs';

await runProgram(process.argv.slice(2));
