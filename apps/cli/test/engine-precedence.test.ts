import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onEngine } from '@fixres/testing';
import { expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

const arm =
  '{ name: only, trainPolicy: { policy: resizeFlip, size: 32 }, testPolicy: { policy: resize, size: 32 }, epochs: 1, learningRate: 0.001 }';
const experiment = (engine: string): string =>
  `version: 1\ndataset: { source: synthetic, limit: 60 }\n${engine}\nmodel: { name: resnet14v2, width: 4 }\narms: [${arm}]\n`;

// Each overrides those before it, which remain set.
const cases: [string, { file?: string; environment?: string; flag?: string }, string][] = [
  ['the default', {}, 'tensorflow'],
  ['the file, over the default', { file: 'wasm' }, 'wasm'],
  ['the environment, over the file', { file: 'wasm', environment: 'tensorflow' }, 'tensorflow'],
  [
    'the flag, over the environment and the file',
    { file: 'cpu', environment: 'tensorflow', flag: 'wasm' },
    'wasm',
  ],
];

for (const [name, { file, environment, flag }, engine] of cases)
  it(`the engine comes from ${name}`, onEngine(engine), async () => {
    const cwd = await temporaryFolder();
    await writeFile(
      join(cwd, 'experiment.yaml'),
      experiment(file === undefined ? '' : `engine: ${file}`),
    );
    const flags = flag === undefined ? [] : ['--engine', flag];
    // Otherwise the environment of the tests could set it.
    const env =
      environment === undefined ? { FIXRES_ENGINE: undefined } : { FIXRES_ENGINE: environment };
    const { code, stdout, stderr } = await runCli(
      ['run', 'experiment.yaml', ...flags, '--json', '--quiet', '--out', 'run'],
      { cwd, env },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ engine: { name: engine } });
  });
