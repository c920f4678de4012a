import { existsSync } from 'node:fs';
import { platform } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { runCommand } from './run-command.ts';

/** A program and its leading arguments. */
export interface Tool {
  readonly command: string;
  readonly args: readonly string[];
}

/** The first Python that has pip, or a clause that states what is missing. */
export async function findPip(signal?: AbortSignal): Promise<Tool | { readonly problem: string }> {
  let withoutPip: string | null = null;
  for (const python of platform() === 'win32'
    ? ['python3', 'python', 'py']
    : ['python3', 'python']) {
    if ((await runCommand(python, ['-m', 'pip', '--version'], { signal })).code === 0)
      return { command: python, args: ['-m', 'pip'] };
    if (withoutPip === null && (await runCommand(python, ['--version'], { signal })).code === 0)
      withoutPip = python;
  }
  return {
    problem: `${withoutPip === null ? 'python3 is missing' : `${withoutPip} has no pip`}: ${howToGet('python')}`,
  };
}

/**
 * `$CXX` (which can have arguments, such as `ccache g++`) if set, else the first of `g++`, `c++`
 * and `clang++` that runs; otherwise a clause that states what is missing.
 */
export async function findCompiler(
  signal?: AbortSignal,
): Promise<Tool | { readonly problem: string }> {
  const chosen = process.env.CXX;
  const [first, ...rest] = chosen?.trim().split(/\s+/) ?? [];
  // A path can contain a space, so the whole value is tried first.
  const candidates: Tool[] =
    chosen && first
      ? [
          { command: chosen, args: [] },
          { command: first, args: rest },
        ]
      : ['g++', 'c++', 'clang++'].map((command) => ({ command, args: [] }));
  for (const tool of candidates) {
    if ((await runCommand(tool.command, [...tool.args, '--version'], { signal })).code === 0)
      return tool;
  }
  return {
    problem: chosen
      ? `the C++ compiler of the variable CXX, ${chosen}, does not run`
      : `a C++ compiler is missing: ${howToGet('compiler')}`,
  };
}

/**
 * npm: the one on PATH, else the one next to this Node, else the one that started this process;
 * otherwise a clause that states what is missing.
 */
export async function findNpm(signal?: AbortSignal): Promise<Tool | { readonly problem: string }> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    // On Windows, npm is a .cmd file, which only a shell can start. The script that it starts is
    // next to it.
    const script = join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js');
    const tool: Tool | null =
      platform() !== 'win32' ? { command: join(folder, 'npm'), args: [] } : nodeScript(script);
    if (
      tool &&
      folder !== '' &&
      existsSync(tool.command) &&
      (await runCommand(tool.command, [...tool.args, '--version'], { signal })).code === 0
    )
      return tool;
  }
  const node = dirname(process.execPath);
  const started = process.env.npm_execpath;
  const scripts = [
    join(node, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(node, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ...(started && basename(started) === 'npm-cli.js' ? [started] : []),
  ];
  for (const script of scripts) {
    const tool = nodeScript(script);
    if (tool) return tool;
  }
  return { problem: `npm is missing: ${howToGet('npm')}` };
}

function nodeScript(file: string): Tool | null {
  return existsSync(file) ? { command: process.execPath, args: [file] } : null;
}

/** How to install a tool on this system. */
function howToGet(tool: 'python' | 'compiler' | 'npm'): string {
  const ways = {
    python: {
      linux: 'apt-get install python3-pip',
      darwin: 'brew install python',
      other: 'install Python 3 from python.org',
    },
    compiler: {
      linux: 'apt-get install g++',
      darwin: 'xcode-select --install',
      other: 'install a C++17 compiler',
    },
    npm: {
      linux: 'apt-get install npm',
      darwin: 'brew install node',
      other: 'install Node from nodejs.org, which brings npm',
    },
  }[tool];
  const system = platform();
  return system === 'linux' || system === 'darwin' ? ways[system] : ways.other;
}
