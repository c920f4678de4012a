// npm test: sets everything up, checks the code, runs every package's tests and adds them up. The last line is the sum.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { pnpm, root, say, setUp } from './steps.mjs';

/** Every workspace package that has tests, with the report its tests write. */
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

/** What failed in a test file, with the first lines of the reason; the file itself where it could not be loaded or its worker died. */
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

/** Why tests were skipped, a line each: by what they need, or by name where they do not say it. */
function skipLines(testResults) {
  const counts = new Map();
  const others = [];
  for (const { status, meta, fullName } of testResults.flatMap(
    ({ assertionResults }) => assertionResults,
  )) {
    if (status === 'passed' || status === 'failed') continue;
    if (meta?.needs) counts.set(meta.needs, (counts.get(meta.needs) ?? 0) + 1);
    else others.push(`skipped: ${fullName}\n`);
  }
  return [
    ...others,
    ...Array.from(
      counts,
      ([needs, tests]) =>
        `skipped: ${tests} ${tests === 1 ? 'test needs' : 'tests need'} ${needs}\n`,
    ),
  ];
}

/**
 * What tests are told of this machine by the environment. It is part of what turbo keeps results by, so that none stands for a run
 * on a machine that had less.
 */
async function testEnvironment({ engine, missing }) {
  const env = {};
  if (flowers) env.FIXRES_FLOWERS = flowers;
  // In CI everything has to be there: its tests of the native engine fail and say why.
  if (engine === 'wasm' && !process.env.CI) env.FIXRES_TEST_NO_NATIVE_ENGINE = missing.join('; ');
  const { requirements } = await import('../testing/dist/requirements.js');
  env.FIXRES_TEST_MISSING = requirements({ ...process.env, ...env })
    .flatMap(({ name, skip }) => (skip ? [name] : []))
    .join();
  return env;
}

// Tests run in their packages' folders.
const flowers = process.env.FIXRES_FLOWERS && resolve(process.env.FIXRES_FLOWERS);
if (flowers && !existsSync(flowers)) {
  process.stderr.write(
    `FIXRES_FLOWERS is ${process.env.FIXRES_FLOWERS}; it must be the path of flower_photos.tgz.\n`,
  );
  process.exit(2);
}

const failedSteps = [];
/** Runs a step by pnpm, and keeps its name where it fails. */
async function check(title, command, env) {
  if ((await pnpm(command, env)) !== 0) failedSteps.push(title);
}

let checked;
const engine = await setUp(() => {
  say('Lint, types and API reports');
  checked = Promise.all([
    check('Lint', ['lint']),
    check('API reports', ['api', '--check']),
    check('Types', ['turbo', 'run', 'typecheck', '--output-logs=errors-only']),
  ]);
});
const env = await testEnvironment(engine);

say('Tests');
const packages = testedPackages();
// Reports of an earlier run must not be counted; turbo brings back those of packages that did not change.
for (const { report } of packages) rmSync(report, { force: true });
// Three packages at a time, on two cores as well, beside what is left of lint and types: much of what tests do is to wait.
await Promise.all([
  checked,
  check(
    'Tests',
    ['turbo', 'run', 'test', '--continue', '--concurrency=3', '--output-logs=full', '--ui=stream'],
    env,
  ),
]);

const sum = { passed: 0, failed: 0, skipped: 0 };
const allResults = [];
for (const { name, report } of packages) {
  if (!existsSync(report)) {
    // A test run that broke down before it could report is a failure, not an empty success.
    process.stdout.write(`${name}: no report\n`);
    sum.failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success, testResults } =
    JSON.parse(readFileSync(report, 'utf8'));
  // A file that cannot be loaded fails without a failed test in it.
  const failures = success ? 0 : Math.max(numFailedTests, 1);
  process.stdout.write(
    `${name}: ${numPassedTests} passed, ${failures} failed, ${numPendingTests + numTodoTests} skipped\n`,
  );
  sum.passed += numPassedTests;
  sum.failed += failures;
  sum.skipped += numPendingTests + numTodoTests;
  allResults.push(...testResults);
}
// Again at the end, where whoever looks at a long log looks first.
for (const { file, test, message } of allResults.flatMap(failuresOf))
  process.stdout.write(`\n${file}: ${test}\n${message}\n`);
for (const line of skipLines(allResults)) process.stdout.write(line);
if (failedSteps.length > 0) process.stdout.write(`Failed: ${failedSteps.join(', ')}\n`);
process.exitCode = failedSteps.length > 0 || sum.failed > 0 ? 1 : 0;
process.stdout.write(`tests: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
