// npm test: sets everything up, checks the code, runs every package's tests and adds them up. The last line is the sum.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
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

/** What failed in a test file, with the first lines of the reason; the file itself where it could not be loaded or its worker died. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  const firstLines = (text = '') => stripVTControlCharacters(text).split('\n').slice(0, 12).join('\n');
  const tests = assertionResults.filter((result) => result.status === 'failed');
  if (tests.length === 0 && status === 'failed') return [{ file, test: 'the file as a whole', message: firstLines(message) }];
  return tests.map(({ fullName, failureMessages }) => ({ file, test: fullName, message: firstLines(failureMessages[0]) }));
}

await setUp();

const failedSteps = [];
say('Lint and types');
const checks = [
  ['Lint', 'lint'],
  ['Types', 'turbo', 'run', 'typecheck', '--output-logs=errors-only'],
];
await Promise.all(
  checks.map(async ([title, ...command]) => {
    if ((await pnpm(...command)) !== 0) failedSteps.push(title);
  }),
);

say('Tests');
const packages = testedPackages();
// Reports of an earlier run must not be counted; turbo brings back those of packages that did not change.
for (const { report } of packages) rmSync(report, { force: true });
// Two packages at a time: much of what tests do is to wait, and to start processes.
if ((await pnpm('turbo', 'run', 'test', '--continue', '--concurrency=2', '--output-logs=full', '--ui=stream')) !== 0) failedSteps.push('Tests');

const sum = { passed: 0, failed: 0, skipped: 0 };
const failed = [];
for (const { name, report } of packages) {
  if (!existsSync(report)) {
    // A test run that broke down before it could report is a failure, not an empty success.
    process.stdout.write(`${name}: no report\n`);
    sum.failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that cannot be loaded fails without a failed test in it.
  const failures = success ? 0 : Math.max(numFailedTests, 1);
  process.stdout.write(`${name}: ${numPassedTests} passed, ${failures} failed, ${numPendingTests + numTodoTests} skipped\n`);
  sum.passed += numPassedTests;
  sum.failed += failures;
  sum.skipped += numPendingTests + numTodoTests;
  failed.push(...testResults.flatMap(failuresOf));
}
// Again at the end, where whoever looks at a long log looks first.
for (const { file, test, message } of failed) process.stdout.write(`\n${file}: ${test}\n${message}\n`);
if (failedSteps.length > 0) process.stdout.write(`Failed: ${failedSteps.join(', ')}\n`);
process.exitCode = failedSteps.length > 0 || sum.failed > 0 ? 1 : 0;
process.stdout.write(`tests: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
