import { type Output, type ProgramOptions, runProgram } from './run-program.ts';

/**
 * Runs pnpm of a version: the one that started this program, if it has this version, or else the one
 * that npx finds, which takes two seconds of processor time.
 *
 * @param packageManager for example `pnpm@10.34.9`
 * @throws Error as {@link runProgram}
 */
export async function runPnpm(
  packageManager: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<Output> {
  const { npm_config_user_agent: agent = '', npm_execpath: running = '' } = process.env;
  const isRunning =
    agent.startsWith(`${packageManager.replace('@', '/')} `) && /pnpm\.[cm]?js$/.test(running);
  return isRunning
    ? await runProgram(process.execPath, [running, ...args], options)
    : await runProgram('npx', ['-y', packageManager, ...args], options);
}
