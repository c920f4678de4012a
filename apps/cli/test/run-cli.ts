import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';

/** The built command line. */
export const bin: string = fileURLToPath(new URL('../bin/fixres.js', import.meta.url));

/** All photos of tf_flowers, scaled down; not part of the repository. */
export const realPhotos: string = fileURLToPath(new URL('../../../../shared/data/flower_photos_208.tgz', import.meta.url));

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunCliOptions {
  /** Beside the environment of the tests; undefined takes something out of it. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Called with all of stderr so far, each time more arrives; may send signals. */
  onStderr?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** The same of stdout. */
  onStdout?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the built command line in a process of its own. */
export async function runCli(args: readonly string[], { env = {}, cwd, onStderr, onStdout }: RunCliOptions = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, FORCE_COLOR: '0', ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    onStdout?.(stdout, (signal) => child.kill(signal));
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    onStderr?.(stderr, (signal) => child.kill(signal));
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, stdout, stderr };
}

/** A new empty folder that is gone after all tests of the file; for `beforeAll`. */
export async function suiteFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-cli-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A new empty folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
