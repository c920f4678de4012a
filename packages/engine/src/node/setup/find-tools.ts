import { platform } from 'node:os';
import { runCommand } from './run-command.ts';

/** The first of `python3` and `python` that has pip, or null. */
export async function findPython(signal?: AbortSignal): Promise<string | null> {
  for (const python of ['python3', 'python']) {
    if ((await runCommand(python, ['-m', 'pip', '--version'], { signal })).code === 0) return python;
  }
  return null;
}

/** `$CXX` when it is set, else the first of `g++`, `c++` and `clang++` that runs, or null. */
export async function findCompiler(signal?: AbortSignal): Promise<string | null> {
  const chosen = process.env.CXX;
  for (const compiler of chosen ? [chosen] : ['g++', 'c++', 'clang++']) {
    if ((await runCommand(compiler, ['--version'], { signal })).code === 0) return compiler;
  }
  return null;
}

/** How a user gets `tool` on this system. */
export function howToGet(tool: 'python' | 'compiler'): string {
  const ways = {
    python: { linux: 'apt-get install python3-pip', darwin: 'brew install python', other: 'install Python 3 from python.org' },
    compiler: { linux: 'apt-get install g++', darwin: 'xcode-select --install', other: 'install a C++17 compiler' },
  }[tool];
  const system = platform();
  return system === 'linux' || system === 'darwin' ? ways[system] : ways.other;
}
