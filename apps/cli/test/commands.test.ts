import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { welcome } from '../src/command-line/welcome.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

describe('fixres', () => {
  it('prints a welcome text on stderr without a command, with the exit code 2 of a usage error', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(welcome);
    expect(stderr).toMatch(/^fixres trains image classifiers /);
  });

  it.each(['data', 'import', 'sweep'])(
    'lists the subcommands of %s if one is missing, with exit code 2',
    async (name) => {
      const { code, stdout, stderr } = await runCli([name]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(new RegExp(`^Usage: fixres ${name} `));
    },
  );

  it('lists commands by purpose', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const groups = Array.from(
      stdout.matchAll(/^(\w.*):\n((?: {2}.*\n?)+)/gm),
      ([, title, lines]) => [
        title,
        Array.from(lines!.matchAll(/^ {2}(\S+)/gm), ([, name]) => name),
      ],
    );
    expect(Object.fromEntries(groups)).toEqual({
      Options: ['-V,', '-h,'],
      'Run the FixRes experiment': ['reproduce', 'init', 'run', 'resume', 'sweep'],
      'Set up this machine': ['setup', 'doctor', 'bench', 'completion'],
      'Train and use one model': [
        'train',
        'finetune',
        'launch',
        'lr',
        'evaluate',
        'predict',
        'describe',
      ],
      'Inspect runs': ['ls', 'compare', 'explain', 'power', 'report', 'dashboard'],
      'Inspect a data set': ['plan', 'preview', 'data'],
      'Import and export models': ['models', 'import', 'export', 'verify'],
      'Get help': ['help'],
    });
  });

  it('shows the same help with help and --help', async () => {
    const help = await runCli(['help', 'train']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: fixres train \[options\] <dataset>/);
    expect(await runCli(['train', '--help'])).toEqual(help);
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(
      await readFile(new URL('../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('suggests a command for an unknown one, with exit code 2', async () => {
    expect(await runCli(['reproduc'])).toEqual({
      code: 2,
      stdout: '',
      stderr: "error: unknown command 'reproduc' (Did you mean reproduce?)\n",
    });
  });
});

describe('fixres doctor', () => {
  it('reports the machine and the engine in use', { tags: 'native-engine' }, async () => {
    const { code, stdout } = await runCli(['doctor', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      node: { version: process.versions.node },
      engine: {
        name: 'tensorflow',
        versions: { tensorflow: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string },
      },
      packages: { 'tfjs-core': expect.any(String) as string },
      cpu: { cores: expect.any(Number) as number, features: expect.any(Array) as string[] },
      memory: { totalMb: expect.any(Number) as number },
      cache: { folder: expect.any(String) as string },
      advice: expect.any(Array) as string[],
    });
    const text = await runCli(['doctor']);
    for (const title of [
      'Engine',
      'TensorFlow',
      'Node',
      'Packages',
      'Processor',
      'GPU',
      'Memory',
      'Cache',
    ]) {
      expect(text.stdout).toMatch(new RegExp(`^${title} +\\S`, 'm'));
    }
  });
});

describe('fixres setup', () => {
  it('does nothing if everything is installed', { tags: 'native-engine' }, async () => {
    const { code, stdout, stderr } = await runCli(['setup', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ engine: 'tensorflow', how: 'ready' });
    expect(stderr).toBe('');
    expect((await runCli(['setup'])).stdout).toMatch(
      /^Native engine ready: TensorFlow \d+\.\d+\.\d+, CPU build, in /,
    );
  });
});

describe('FIXRES_ENGINE', () => {
  it('selects the engine unless the option does', async () => {
    const out = join(await temporaryFolder(), 'run');
    const { code, stderr } = await runCli(['reproduce', 'nowhere', '--out', out], {
      env: { FIXRES_ENGINE: 'abacus' },
    });
    expect(code).toBe(2);
    expect(stderr).toContain("'abacus' from env 'FIXRES_ENGINE' is invalid");
  });
});
