import { runProgram } from './run-program.ts';

/** The registry in the user's npm configuration. */
export async function userRegistry(cwd: string): Promise<string> {
  return (await runProgram('npm', ['config', 'get', 'registry'], { cwd })).stdout.trim();
}
