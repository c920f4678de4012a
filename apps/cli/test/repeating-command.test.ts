import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunConfig } from '@fixres/runs';
import { runCli, suiteFolder } from './run-cli.ts';

const tiny =
  '--width 4 --epochs 1 --finetune-epochs 1 --small 32 --large 48 --batch-size 8 --quiet'.split(
    ' ',
  );
/** Full of characters with a special meaning in shells. */
const PHOTOS = "it's my $HOME; photos & more";

/** The arguments that `fixres` gets when a shell reads the line. */
async function shellWords(line: string): Promise<string[]> {
  const script = `fixres() { printf '%s\\0' "$@"; }\n${line}`;
  const { stdout } = await promisify(execFile)('sh', ['-c', script]);
  return stdout.split('\0').slice(0, -1);
}

describe('the command that a run records', async () => {
  const cwd = await suiteFolder();

  beforeAll(async () => {
    for (const [name, colour] of [
      ['blue', '#2020c0'],
      ['red', '#c02020'],
    ] as const) {
      await mkdir(join(cwd, PHOTOS, name), { recursive: true });
      for (let i = 0; i < 10; i++)
        await sharp({ create: { width: 40 + i, height: 40, channels: 3, background: colour } })
          .png()
          .toFile(join(cwd, PHOTOS, name, `${i}.png`));
    }
    const arm =
      '{ name: only, trainPolicy: { policy: resizeFlip, size: 32 }, testPolicy: { policy: resize, size: 32 }, epochs: 1, learningRate: 0.001 }';
    await writeFile(
      join(cwd, 'my experiment.yaml'),
      `version: 1\ndataset: { source: synthetic, limit: 60 }\nmodel: { name: resnet14v2, width: 4 }\narms: [${arm}]\n`,
    );
  });

  const configOf = async (run: string): Promise<RunConfig> =>
    JSON.parse(await readFile(join(cwd, run, 'config.json'), 'utf8')) as RunConfig;

  it.each<[string, string[], Record<string, string>?]>([
    [
      'reproduce',
      [
        'reproduce',
        PHOTOS,
        ...tiny,
        '--engine',
        'wasm',
        '--held-out',
        '0.3',
        '--arms',
        'small,fixres',
        '--log',
        'csv,tensorboard',
      ],
    ],
    [
      'train',
      [
        'train',
        PHOTOS,
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
        '--train-policy',
        'resizeFlip',
        '--quiet',
      ],
      { FIXRES_ENGINE: 'wasm' },
    ],
    [
      'finetune',
      [
        'finetune',
        'of train',
        PHOTOS,
        '--image-size',
        '48',
        '--epochs',
        '1',
        '--batch-size',
        '8',
        '--freeze',
        'classifier',
        '--feature-cache',
        'off',
        '--quiet',
      ],
    ],
    [
      'run',
      [
        'run',
        'my experiment.yaml',
        '--engine',
        'wasm',
        '--limit',
        '50',
        '--seed-count',
        '2',
        '--quiet',
      ],
    ],
    ['run without options', ['run', 'my experiment.yaml', '--quiet']],
  ])(
    'starts a run with the same configuration when typed into a shell: %s',
    async (name, args, env = {}) => {
      const [first, second] = [`of ${name}`, `again ${name}`];
      const { code, stderr } = await runCli([...args, '--out', first], { cwd, env });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const config = await configOf(first);
      const again = await runCli(
        [...(await shellWords(config.command)), '--quiet', '--out', second],
        { cwd },
      );
      expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: '' });
      expect(await configOf(second)).toEqual(config);
      if (args.includes('wasm') || env.FIXRES_ENGINE === 'wasm') expect(config.engine).toBe('wasm');
    },
  );
});
