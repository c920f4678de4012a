// npm test: sets everything up, checks the code, runs every package's tests and adds them up. The last line is the sum.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pnpm, root, say, setUp } from './steps.mjs';

/** Every workspace package that has tests, with the report its tests write. */
function testedPackages() {
  const below = (folder) => readdirSync(join(root, folder)).map((name) => join(folder, name));
  return ['examples', 'benchmarks', ...below('packages'), ...below('apps')].flatMap((folder) => {
    const manifest = join(root, folder, 'package.json');
    if (!existsSync(manifest)) return [];
    const { name, scripts } = JSON.parse(readFileSync(manifest, 'utf8'));
    return scripts?.test ? [{ name, report: join(root, folder, 'reports', 'vitest.json') }] : [];
  });
}

await setUp();

const failures = [];
for (const [title, ...command] of [
  ['Lint', 'lint'],
  ['Types', 'turbo', 'run', 'typecheck', '--output-logs=errors-only'],
]) {
  say(title);
  if ((await pnpm(...command)) !== 0) failures.push(title);
}

say('Tests');
const packages = testedPackages();
// Reports of an earlier run must not be counted; turbo brings back those of packages that did not change.
for (const { report } of packages) rmSync(report, { force: true });
if ((await pnpm('turbo', 'run', 'test', '--continue', '--concurrency=1', '--output-logs=full', '--ui=stream')) !== 0) failures.push('Tests');

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const { name, report } of packages) {
  if (!existsSync(report)) {
    // A test run that broke down before it could report is a failure, not an empty success.
    process.stdout.write(`${name}: no report\n`);
    sum.failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that cannot be loaded fails without a failed test in it.
  const failed = success ? 0 : Math.max(numFailedTests, 1);
  process.stdout.write(`${name}: ${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped\n`);
  sum.passed += numPassedTests;
  sum.failed += failed;
  sum.skipped += numPendingTests + numTodoTests;
}
if (failures.length > 0) process.stdout.write(`Failed: ${failures.join(', ')}\n`);
process.exitCode = failures.length > 0 || sum.failed > 0 ? 1 : 0;
process.stdout.write(`tests: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
