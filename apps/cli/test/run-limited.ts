import { spawn } from 'node:child_process';
import { bin, type CliResult } from './run-cli.ts';

/**
 * Runs the built command line where no file may be larger than so many kilobytes, as a disk that is nearly full.
 *
 * @param onStdout called with all of stdout so far, each time more arrives; may send signals
 */
export async function runLimited(kilobytes: number, args: readonly string[], onStdout?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void): Promise<CliResult> {
  const child = spawn('bash', ['-c', `ulimit -f ${kilobytes}; exec "$@"`, 'bash', process.execPath, bin, ...args], { env: { ...process.env, FORCE_COLOR: '0' } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    onStdout?.(stdout, (signal) => child.kill(signal));
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, stdout, stderr };
}
