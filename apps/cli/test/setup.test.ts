import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

/** A machine with only these programs, and an empty cache. */
async function machineWith(
  programs: Record<string, string> = {},
): Promise<{ folder: string; env: Record<string, string | undefined> }> {
  const folder = await temporaryFolder();
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  return {
    folder,
    env: {
      PATH: bin,
      CXX: undefined,
      FIXRES_CACHE: join(folder, 'cache'),
      FIXRES_DEVICE: undefined,
      FIXRES_ENGINE: undefined,
    },
  };
}

/** npm on a machine without network; no test needs a network. */
const offlineNpm = {
  npm: '[ "$1" = --version ] || { echo "npm error code ENOTFOUND" >&2; exit 1; }',
};
const gpu = { 'nvidia-smi': 'echo "NVIDIA H100 80GB HBM3, 81559, 550.54.15"' };

describe('fixres setup', () => {
  it('lists in one line what is missing without tools, exits with 0, and leaves nothing behind', async () => {
    const { folder, env } = await machineWith(offlineNpm);
    const { code, stdout } = await runCli(['setup'], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^The native engine is not set up, so training runs on wasm; a C\+\+ compiler is missing: .*; python3 is missing: [^\n]*\n$/,
    );
    expect(
      (await readdir(join(folder, 'cache'), { recursive: true })).filter(
        (name) => !/^engine(.downloads)?$/.test(name),
      ),
    ).toEqual([]);
  });

  // Nobody can write there, not even root.
  it('says in one line that the cache folder cannot be written', { tags: 'linux' }, async () => {
    const { env } = await machineWith(offlineNpm);
    expect(await runCli(['setup'], { env: { ...env, FIXRES_CACHE: '/sys/fixres' } })).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^The native engine is not set up, so training runs on wasm; cache folder \/sys\/fixres cannot be written \(E(PERM|ACCES|ROFS): .*\); the variable FIXRES_CACHE names another\n$/,
      ) as string,
      stderr: '',
    });
  });

  it.each([
    [
      ['setup', '--from', 'nowhere'],
      "error: Option --from is 'nowhere'; it must be a folder that `fixres setup --download` has filled.\n",
    ],
    [
      ['setup', '--platform', 'linux-x64'],
      'error: Option --platform is "linux-x64", which only --download takes; an installation is for this machine.\n',
    ],
    [
      ['setup', '--download', 'files', '--platform', 'plan9'],
      "error: option '--platform <name>' argument 'plan9' is invalid. Allowed choices are linux-x64, linux-arm64, darwin-arm64.\n",
    ],
    [
      ['setup', '--download', 'files', '--platform', 'darwin-arm64', '--gpu'],
      'error: Option --gpu is true for darwin-arm64, but TensorFlow has a CUDA build for linux-x64 only.\n',
    ],
    [
      ['setup', '--download', 'files', '--from', 'files'],
      "error: option '--from <folder>' cannot be used with option '--download <folder>'\n",
    ],
  ])('refuses %j', async (args, message) => {
    const { folder, env } = await machineWith();
    expect(await runCli(args, { env, cwd: folder })).toEqual({
      code: 2,
      stdout: '',
      stderr: message,
    });
    expect(existsSync(join(folder, 'files'))).toBe(false);
  });

  it('fails with one line if a download is not possible', async () => {
    const { folder, env } = await machineWith(offlineNpm);
    const { code, stdout, stderr } = await runCli(
      ['setup', '--download', 'files', '--platform', 'linux-x64'],
      { env, cwd: folder },
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: .*python3 is missing: [^\n]*\n$/);
  });
});

describe('fixres doctor', () => {
  it('puts the most effective advice first', async () => {
    const { env } = await machineWith();
    const { code, stdout } = await runCli(['doctor'], { env });
    expect(code).toBe(0);
    const [, advice = ''] = stdout.split('To make it faster, what helps most first:\n');
    expect(advice).toMatch(
      /^- Set up the native engine, which trains much faster than wasm: a C\+\+ compiler is missing: /,
    );
  });

  it('shows in one line each what GPU hardware there is and what is missing', async () => {
    const { env } = await machineWith(gpu);
    const { stdout } = await runCli(['doctor'], { env });
    expect(stdout).toMatch(/^GPU driver {2}NVIDIA 550\.54\.15/m);
    expect(stdout).toMatch(/^GPU {9}NVIDIA H100 80GB HBM3$/m);
    expect(stdout).toMatch(/^GPU memory {2}81\.6 GB$/m);
    expect(stdout).toMatch(/^GPU in use {2}no$/m);
    expect(stdout).toMatch(/^GPU lacks {3}\S.*$/m);
  });
});

describe('--device', () => {
  // The installed engine does not matter on a machine without a driver.
  it.each([
    ['the option', ['--device', 'gpu'], {}],
    ['FIXRES_DEVICE', [], { FIXRES_DEVICE: 'gpu' }],
  ])(
    'fails for a GPU on a machine without one, with %s',
    { tags: 'no-nvidia-driver' },
    async (_, flags, environment) => {
      const { folder, env } = await machineWith();
      // Reported before the data set is opened, which can be a long download.
      const { code, stderr } = await runCli(
        [
          'train',
          'nowhere',
          '--model',
          'resnet14v2',
          '--width',
          '4',
          '--image-size',
          '32',
          '--epochs',
          '1',
          '--batch-size',
          '8',
          '--quiet',
          ...flags,
          '--out',
          'run',
        ],
        { env: { ...env, ...environment }, cwd: folder },
      );
      expect(code).toBe(2);
      expect(stderr).toBe(
        "error: engine 'tensorflow' with device 'gpu' cannot run here: no NVIDIA driver is loaded; install it (`nvidia-smi` shows it then), or use device 'cpu'\n",
      );
      expect(existsSync(join(folder, 'run'))).toBe(false);
    },
  );
});
