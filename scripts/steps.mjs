// Setup steps shared by both commands. Plain JavaScript without dependencies, because it runs
// before any are installed.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const cli = join(root, 'apps', 'cli', 'bin', 'fixres.js');
const { packageManager, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const onWindows = process.platform === 'win32';

/** Announces a step. Everything except results goes to stderr. */
export function say(text) {
  process.stderr.write(`\n> ${text}\n`);
}

/**
 * Runs a program in the root folder with this process's terminal, and returns its exit code. Ctrl-C
 * reaches the program directly; this process waits until it has exited. With `onStdout`, that
 * function receives its stdout.
 */
export async function run(program, args, { env = {}, onStdout } = {}) {
  const ignore = () => {};
  process.on('SIGINT', ignore);
  process.on('SIGTERM', ignore);
  try {
    return await new Promise((resolve, reject) => {
      // On Windows, npx and pnpm are scripts, which only a shell can start.
      const shell = onWindows && ['npx', 'pnpm'].includes(program);
      const child = spawn(program, args, {
        cwd: root,
        stdio: ['inherit', onStdout ? 'pipe' : 'inherit', 'inherit'],
        shell,
        env: { ...process.env, ...env },
      });
      if (onStdout) child.stdout.on('data', onStdout);
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
    });
  } finally {
    process.off('SIGINT', ignore);
    process.off('SIGTERM', ignore);
  }
}

const quietTools = {
  TURBO_TELEMETRY_DISABLED: '1',
  NPM_CONFIG_UPDATE_NOTIFIER: 'false',
  npm_config_yes: 'true',
};

/**
 * Runs a command with the version of pnpm pinned in package.json, and returns its exit code, or that of npx if it cannot
 * provide this version.
 */
export async function pnpm(args, env = {}) {
  const { code, PATH } = await (found ??= findPnpm());
  return code === 0 ? await run('pnpm', args, { env: { ...quietTools, PATH, ...env } }) : code;
}

/** npx needs two seconds of processor time to find a version, so it is asked once, for the search path with it. */
let found;
async function findPnpm() {
  let printed = '';
  const code = await run(
    'npx',
    ['-y', `--package=${packageManager}`, '--', 'node', '-p', 'process.env.PATH'],
    { env: quietTools, onStdout: (text) => (printed += text) },
  );
  return { code, PATH: printed.trim() };
}

/**
 * Sets up a fresh clone. Takes seconds if there is nothing to do. Exits the process if a step
 * fails. A native engine that cannot be set up is not a failure, because wasm works without it.
 *
 * @param whenBuilt called when the packages are built, to start work that needs no engine: engine
 * setup mostly waits for a download
 * @returns the output of `fixres setup --json`
 */
export async function setUp(whenBuilt = () => {}) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(
      `Node ${process.versions.node} is too old; fixres needs ${engines.node}.\n`,
    );
    process.exit(2);
  }
  await step('1/3 Dependencies', () =>
    pnpm(['install', '--frozen-lockfile', '--prefer-offline', '--loglevel=warn']),
  );
  await step('2/3 Build', () => pnpm(['turbo', 'run', 'build', '--output-logs=errors-only']));
  whenBuilt();
  let output = '';
  await step('3/3 Engine', () =>
    run(process.execPath, [cli, 'setup', '--json'], { onStdout: (text) => (output += text) }),
  );
  const engine = JSON.parse(output);
  process.stderr.write(
    engine.engine === 'wasm'
      ? `Without the native engine: ${engine.missing.join('; ')}\n`
      : `Native engine: TensorFlow ${engine.tensorflow}\n`,
  );
  return engine;
}

async function step(title, work) {
  say(title);
  const code = await work();
  if (code !== 0) {
    process.stderr.write(
      `\n${title.slice(4)} failed (exit code ${code}). Finished steps are kept; run the command again to continue.\n`,
    );
    process.exit(code);
  }
}
