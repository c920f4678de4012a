import { runProgram } from './run-program.ts';

/** The registry that the user's npm is set up with. */
export async function userRegistry(cwd: string): Promise<string> {
  return (await runProgram('npm', ['config', 'get', 'registry'], { cwd })).stdout.trim();
}
