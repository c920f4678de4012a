// npm test: sets everything up, checks the code, runs the tests of all packages and adds up the
// results. The last line is the total.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { pnpm, root, say, setUp } from './steps.mjs';

/** All workspace packages with tests, and the reports that their tests write. */
function testedPackages() {
  const below = (folder) => readdirSync(join(root, folder)).map((name) => join(folder, name));
  return ['examples', 'benchmarks', 'testing', ...below('packages'), ...below('apps')].flatMap(
    (folder) => {
      const manifest = join(root, folder, 'package.json');
      if (!existsSync(manifest)) return [];
      const { name, scripts } = JSON.parse(readFileSync(manifest, 'utf8'));
      return scripts?.test ? [{ name, report: join(root, folder, 'reports', 'vitest.json') }] : [];
    },
  );
}

/**
 * The failed tests of a file, with the first lines of the reason; the file itself if it could not
 * be loaded or its worker crashed.
 */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  const firstLines = (text = '') =>
    stripVTControlCharacters(text).split('\n').slice(0, 12).join('\n');
  const tests = assertionResults.filter((result) => result.status === 'failed');
  if (tests.length === 0 && status === 'failed')
    return [{ file, test: 'the file as a whole', message: firstLines(message) }];
  return tests.map(({ fullName, failureMessages }) => ({
    file,
    test: fullName,
    message: firstLines(failureMessages[0]),
  }));
}

/**
 * Environment variables that describe this machine to the tests. They are part of turbo's cache
 * key, so that a cached result is never used from a machine that lacked something.
 */
async function testEnvironment({ engine, missing }) {
  const env = {};
  if (flowers) env.FIXRES_FLOWERS = flowers;
  // In CI nothing may be missing: the tests of the native engine fail and report why.
  if (engine === 'wasm' && !process.env.CI) env.FIXRES_TEST_NO_NATIVE_ENGINE = missing.join('; ');
  const { requirements } = await import('../testing/dist/requirements.js');
  env.FIXRES_TEST_MISSING = requirements({ ...process.env, ...env })
    .flatMap(({ name, skip }) => (skip ? [name] : []))
    .join();
  return env;
}

// Tests run in the folders of their packages.
const flowers = process.env.FIXRES_FLOWERS && resolve(process.env.FIXRES_FLOWERS);
if (flowers && !existsSync(flowers)) {
  process.stderr.write(
    `FIXRES_FLOWERS is ${process.env.FIXRES_FLOWERS}; it must be the path of flower_photos.tgz.\n`,
  );
  process.exit(2);
}

const failedSteps = [];
/** Runs a step with pnpm, and records its name if it fails. */
async function check(title, command, env) {
  if ((await pnpm(command, env)) !== 0) failedSteps.push(title);
}

let checked;
const engine = await setUp(() => {
  say('Lint, types and API reports');
  checked = Promise.all([
    // The type checker is written in Go: collecting its garbage less often saves a sixth of its processor time.
    check('Lint and types', ['lint'], { GOGC: '400', GOMEMLIMIT: '2GiB' }),
    check('API reports', ['api', '--check']),
  ]);
});
const env = await testEnvironment(engine);

say('Tests');
const packages = testedPackages();
// Delete reports of earlier runs so that they are not counted; turbo restores those of unchanged
// packages.
for (const { report } of packages) rmSync(report, { force: true });
// Four packages at a time, even on two cores next to the rest of lint: tests often wait.
await Promise.all([
  checked,
  check(
    'Tests',
    ['turbo', 'run', 'test', '--continue', '--concurrency=4', '--output-logs=full', '--ui=stream'],
    env,
  ),
]);

const sum = { passed: 0, failed: 0, skipped: 0 };
const allResults = [];
for (const { name, report } of packages) {
  if (!existsSync(report)) {
    // A test run that crashed before it reported is a failure, not an empty success.
    process.stdout.write(`${name}: no report\n`);
    sum.failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success, testResults } =
    JSON.parse(readFileSync(report, 'utf8'));
  // A file that cannot be loaded fails without a failed test.
  const failures = success ? 0 : Math.max(numFailedTests, 1);
  process.stdout.write(
    `${name}: ${numPassedTests} passed, ${failures} failed, ${numPendingTests + numTodoTests} skipped\n`,
  );
  sum.passed += numPassedTests;
  sum.failed += failures;
  sum.skipped += numPendingTests + numTodoTests;
  allResults.push(...testResults);
}
// Repeated at the end, where readers of a long log look first.
for (const { file, test, message } of allResults.flatMap(failuresOf))
  process.stdout.write(`\n${file}: ${test}\n${message}\n`);
// Built by now.
const { skipLines } = await import('../testing/dist/skip-lines.js');
for (const line of skipLines(allResults)) process.stdout.write(line);
if (failedSteps.length > 0) process.stdout.write(`Failed: ${failedSteps.join(', ')}\n`);
process.exitCode = failedSteps.length > 0 || sum.failed > 0 ? 1 : 0;
process.stdout.write(`tests: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
