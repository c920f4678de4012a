// Gathers the results of check.sh from a folder into one JSON file: gather.mjs FOLDER DEVICE FILE.
// Exits with 1 if a step failed, results are missing, or the requested card was not used.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, device, file] = process.argv.slice(2);
const steps = readFileSync(join(folder, 'steps'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [name, code, seconds] = line.split(' ');
    return { name, code: Number(code), seconds: Number(seconds) };
  });
const setup = output('setup.out');
const doctor = output('doctor.out');
const packages = ['engine', 'models'];
const tests = packages.map(testsOf).filter((one) => one !== null);
const reproduce = output('reproduce.out');
const bench = output('bench.out');
const clusterDoctor = output('cluster-doctor.out');
const clusterTrain = output('cluster-train.out');
/** Whether there were two cards, or the run is dry, so that two processes trained together. */
const isTogether = steps.some(({ name }) => name === 'cluster-train');
const used = doctor?.engine.device ?? null;
const ok =
  steps.every(({ code }) => code === 0) &&
  tests.length === packages.length &&
  used === device &&
  reproduce?.engine.device === device &&
  setup?.engine === 'tensorflow' &&
  (!isTogether ||
    (clusterTrain?.engine.device === device &&
      clusterDoctor?.processes.every((each) => each.device === device) === true)) &&
  // A peer that cannot be installed is left out.
  bench?.rows.some(({ name }) => name === 'keras') === true;
const result = {
  date: new Date().toISOString(),
  dryRun: device === 'cpu',
  ok,
  steps,
  setup,
  doctor,
  tests,
  bench,
  cluster: clusterDoctor && {
    ...clusterDoctor,
    trainSeconds: clusterTrain?.arms[0].trainSeconds,
  },
  reproduce: reproduce && {
    engine: reproduce.engine,
    arms: reproduce.arms.map(({ name, trainSeconds }) => ({ name, trainSeconds })),
  },
};
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
for (const { name, code, seconds } of steps)
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name}, ${seconds} s\n`);
process.stdout.write(
  `${device === 'cpu' ? 'Dry run on the CPU' : 'On the GPU'}: ${ok ? 'all well' : 'not all well'}; ${file}\n`,
);
process.exitCode = ok ? 0 : 1;

/** The JSON that a step printed, or null if there is none. */
function output(name) {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'));
  } catch {
    return null;
  }
}

function testsOf(name) {
  const report = join(folder, `tests-${name}.json`);
  if (!existsSync(report)) return null;
  const {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    testResults,
  } = JSON.parse(readFileSync(report, 'utf8'));
  const failures = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  );
  return { name, passed, failed, skipped, failures };
}
