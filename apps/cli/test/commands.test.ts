import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

describe('fixres', () => {
  it('shows help, for itself and every command, with examples that name real options', async () => {
    const { code, stdout } = await runCli(['--help']);
    expect(code).toBe(0);
    const commands = Array.from(stdout.matchAll(/^ {2}(\w+) \[options\]/gm), ([, name]) => name!);
    expect(commands).toEqual(expect.arrayContaining(['reproduce', 'setup', 'doctor']));
    for (const command of commands) {
      const help = await runCli([command, '--help']);
      expect(help.code).toBe(0);
      const examples = help.stdout.split('Examples:\n')[1]!;
      for (const [, flag] of examples.matchAll(/(--[a-z-]+)/g)) expect(help.stdout.split('Examples:')[0]).toContain(flag);
    }
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('answers an unknown command with a suggestion and exit code 2', async () => {
    expect(await runCli(['reproduc'])).toEqual({ code: 2, stdout: '', stderr: "error: unknown command 'reproduc' (Did you mean reproduce?)\n" });
  });
});

describe('fixres doctor', () => {
  it('reports the machine and the engine in use', { tags: 'native-engine' }, async () => {
    const { code, stdout } = await runCli(['doctor', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      node: { version: process.versions.node },
      engine: { name: 'tensorflow', versions: { tensorflow: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string } },
      packages: { 'tfjs-core': expect.any(String) as string },
      cpu: { cores: expect.any(Number) as number, features: expect.any(Array) as string[] },
      memory: { totalMb: expect.any(Number) as number },
      cache: { folder: expect.any(String) as string },
      advice: expect.any(Array) as string[],
    });
    const text = await runCli(['doctor']);
    for (const title of ['Engine', 'TensorFlow', 'Node', 'Packages', 'Processor', 'GPU', 'Memory', 'Cache']) {
      expect(text.stdout).toMatch(new RegExp(`^${title} +\\S`, 'm'));
    }
  });
});

describe('fixres setup', () => {
  it('has nothing to do when everything is there', { tags: 'native-engine' }, async () => {
    const { code, stdout, stderr } = await runCli(['setup', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ engine: 'tensorflow', how: 'ready' });
    expect(stderr).toBe('');
    expect((await runCli(['setup'])).stdout).toMatch(/^Native engine ready: TensorFlow \d+\.\d+\.\d+, CPU build, in /);
  });
});

describe('FIXRES_ENGINE', () => {
  it('chooses the engine unless the option does', async () => {
    const out = join(await temporaryFolder(), 'run');
    const { code, stderr } = await runCli(['reproduce', 'nowhere', '--out', out], { env: { FIXRES_ENGINE: 'abacus' } });
    expect(code).toBe(2);
    expect(stderr).toContain("'abacus' from env 'FIXRES_ENGINE' is invalid");
  });
});
