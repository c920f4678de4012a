// A Python with the packages of a peer: a virtual environment in the cache folder, created with pip
// the first time.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCacheFolder } from '@fixres/engine';
import { finished } from './sides.mjs';

/**
 * The pip packages of each peer. PyPI's torch builds for Linux include CUDA, which takes gigabytes
 * but needs no GPU.
 */
const packages = {
  tensorflow: ['tensorflow-cpu==2.21.0'],
  'tensorflow-gpu': ['tensorflow[and-cuda]==2.21.0'],
  torch: ['torch==2.15.0', 'torchvision==0.29.2'],
};

/**
 * The Python program for one of the {@link packages}; undefined, with a line on stderr, if pip
 * cannot install it.
 */
export async function peerPython(peer) {
  const folder = join(
    defaultCacheFolder(),
    'benchmarks',
    packages[peer].join('_').replaceAll(/==|[[\]]/g, '-'),
  );
  const python =
    process.platform === 'win32'
      ? join(folder, 'Scripts', 'python.exe')
      : join(folder, 'bin', 'python');
  const ready = join(folder, 'ready');
  if (existsSync(ready)) return python;
  process.stderr.write(`Installing ${packages[peer].join(' and ')} into ${folder}\n`);
  try {
    await mkdir(folder, { recursive: true });
    await run('python3', '-m', 'venv', '--clear', folder);
    await run(
      python,
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      ...packages[peer],
    );
    // Written last, so that an interrupted installation is not mistaken for a complete one.
    await writeFile(ready, '');
    return python;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    process.stderr.write(`${peer} is left out: ${error.message}\n`);
    return undefined;
  }
}

function run(program, ...args) {
  return finished(spawn(program, args, { stdio: ['ignore', 2, 2] }));
}
