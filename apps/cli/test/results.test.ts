import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onEngine } from '@fixres/testing';
import type { Command } from 'commander';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../src/command-line/program.ts';
import { runInPty } from './in-pty.ts';
import { runCli, suiteFolder } from './run-cli.ts';
import { whenSaid } from './when-said.ts';

const tiny = '--width 4 --limit 60 --quiet'.split(' ');
const kerasWeights = fileURLToPath(
  new URL('../../../packages/models/test/fixtures/keras/trained.weights.h5', import.meta.url),
);
const timmWeights = fileURLToPath(
  new URL(
    '../../../packages/models/test/fixtures/torch-networks/model.safetensors',
    import.meta.url,
  ),
);

/**
 * All commands with `--json`, and the arguments they need; `run` already exists. Some read the
 * results of others.
 */
const commands: Record<string, string[]> = {
  reproduce: [
    'synthetic',
    '--small',
    '32',
    '--large',
    '48',
    '--epochs',
    '1',
    '--finetune-epochs',
    '1',
    '--arms',
    'small',
    ...tiny,
    '--out',
    'reproduced',
  ],
  train: [
    'synthetic',
    '--model',
    'resnet14v2',
    '--image-size',
    '32',
    '--epochs',
    '1',
    ...tiny,
    '--out',
    'trained',
  ],
  finetune: [
    'run',
    'synthetic',
    '--image-size',
    '48',
    '--epochs',
    '1',
    '--limit',
    '60',
    '--quiet',
    '--out',
    'finetuned',
  ],
  explain: ['finetuned', '--quiet', '--out', 'explained'],
  run: ['experiment.yaml', '--quiet', '--out', 'of-file'],
  resume: ['stopped', '--quiet'],
  lr: 'synthetic --model resnet14v2 --width 4 --image-size 32 --limit 60 --updates 20 --quiet'.split(
    ' ',
  ),
  'sweep start': ['experiment.yaml', '--quiet', '--out', 'swept'],
  'sweep status': ['swept'],
  'sweep resume': ['swept', '--quiet'],
  'sweep cancel': ['swept'],
  'sweep trial': ['swept', 'only@0', '--quiet'],
  'sweep collect': ['swept', '--quiet'],
  'sweep work': ['chosen', 'fixres-1.0', '--quiet'],
  evaluate: ['run', 'synthetic', '--quiet'],
  describe: ['run'],
  predict: ['run', 'photo.png'],
  dashboard: ['.', '--port', '0'],
  ls: ['.'],
  compare: ['run', 'trained'],
  power: ['--discordance', '0.2', '--difference', '2'],
  init: ['new.yaml', '--dataset', 'synthetic', '--yes'],
  report: ['run', '--no-images', '--out', 'report.html'],
  'import keras': [
    kerasWeights,
    '--arch',
    'resnet26v2',
    '--width',
    '2',
    '--classes',
    '5',
    '--image-size',
    '64',
    '--scaling',
    'none',
    '--out',
    'imported',
  ],
  'import timm': [timmWeights, '--out', 'imported-timm'],
  models: [],
  export: ['run', '--format', 'onnx', '--out', 'exported'],
  verify: ['exported'],
  plan: ['synthetic', '--train-size', '64'],
  preview: [
    'synthetic',
    '--policy',
    'resize',
    '--image-size',
    '32',
    '--count',
    '2',
    '--out',
    'preview.png',
  ],
  'data info': ['photos'],
  'data leaks': ['synthetic', '--limit', '60'],
  'data convert': ['photos', '--to', 'webdataset', '--out', 'shards'],
  setup: [],
  doctor: [],
  bench: '--small 32 --large 48 --width 4 --arms small --seconds 1 --quiet'.split(' '),
};

const experiment = `
version: 1
dataset: { source: synthetic, limit: 60 }
model: { name: resnet14v2, width: 4 }
arms: [{ name: only, trainPolicy: { policy: resizeFlip, size: 32 }, testPolicy: { policy: resize, size: 32 }, epochs: 1, learningRate: 0.001 }]
`;

/** A sweep with halving over epochs that has nothing to do. */
const chosen = JSON.stringify({
  version: 1,
  command: '',
  trials: [],
  halving: {
    over: 'epochs',
    reduction: 2,
    survivors: 1,
    baseline: 'a',
    finalSeeds: [0],
    seed: 1,
    rungs: [1, 2],
    promotion: 'asynchronous',
  },
  submissions: [
    {
      name: 'fixres-1',
      on: 'local',
      job: { program: ['fixres'] },
      trials: [],
      workers: 1,
      time: '',
    },
  ],
});

/** Full names of the commands with `--json`. */
function withJson(command: Command, parents: readonly string[] = []): string[] {
  const own = command.options.some(({ long }) => long === '--json') ? [parents.join(' ')] : [];
  return [...own, ...command.commands.flatMap((each) => withJson(each, [...parents, each.name()]))];
}

describe('the result of a command', async () => {
  const cwd = await suiteFolder();

  beforeAll(async () => {
    const { code, stderr } = await runCli(
      [
        'train',
        'synthetic',
        '--model',
        'resnet14v2',
        '--image-size',
        '32',
        '--epochs',
        '1',
        ...tiny,
        '--out',
        'run',
      ],
      { cwd },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await cp(join(cwd, 'run'), join(cwd, 'stopped'), { recursive: true });
    await rm(join(cwd, 'stopped', 'summary.json'));
    await writeFile(join(cwd, 'experiment.yaml'), experiment);
    await mkdir(join(cwd, 'chosen'), { recursive: true });
    await writeFile(join(cwd, 'chosen', 'sweep.json'), chosen);
    const photo = await sharp({
      create: { width: 60, height: 50, channels: 3, background: '#c02020' },
    })
      .png()
      .toBuffer();
    await writeFile(join(cwd, 'photo.png'), photo);
    for (const name of ['photos/a', 'photos/b']) {
      await mkdir(join(cwd, name), { recursive: true });
      await writeFile(join(cwd, name, '0.png'), photo);
    }
  });

  it('is tested for every command with --json', () => {
    expect(Object.keys(commands).sort()).toEqual(withJson(createProgram()).sort());
  });

  it.each(Object.entries(commands))('of %s is one object with --json', async (name, args) => {
    const { code, stdout, stderr } = await runCli([...name.split(' '), ...args, '--json'], {
      cwd,
      // It serves until it is stopped.
      ...(name === 'dashboard' && { onStdout: whenSaid('\n', 'SIGINT') }),
    });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toHaveLength(2);
    const result = JSON.parse(stdout) as unknown;
    expect(Object.prototype.toString.call(result)).toBe('[object Object]');
    expect(Object.keys(result as object)).not.toHaveLength(0);
  });

  for (const [name, text, engine] of [
    ['setup', /^Native engine ready: .*\n$/, 'tensorflow'],
    ['preview', /^again\.png\n$/, 'auto'],
  ] as const)
    it(`of ${name} is on stdout, with nothing else`, onEngine(engine), async () => {
      const args = commands[name]!.map((word) => (word === 'preview.png' ? 'again.png' : word));
      const { stdout, stderr } = await runCli([name, ...args], { cwd });
      expect(stderr).toBe('');
      expect(stdout).toMatch(text);
    });

  it.each([
    ['plan', /^synthetic: \d+ images/],
    ['data info', /^photos: 2 images/],
    ['predict', /^image +class +probability$/],
    ['report', /^\/.*report\.html$/],
  ])(
    'of %s starts on a new line on a terminal, whatever progress was shown',
    { tags: 'python3' },
    async (name, first) => {
      const { code, output } = await runInPty([...name.split(' '), ...commands[name]!], {
        cwd,
        columns: 120,
      });
      expect(code).toBe(0);
      // Progress was drawn and cleared before the result.
      const [, drawn = '', ...wiped] = output.split('\r\u001b[2K');
      expect(drawn).toMatch(/^[^\r]+$/);
      expect(wiped.length).toBeGreaterThan(0);
      const lines = output.split('\r\n').map((line) => line.split('\r\u001b[2K').at(-1)!);
      expect(lines.filter((line) => first.test(line))).toHaveLength(1);
    },
  );

  it('is a line for every event with --ndjson on a terminal', { tags: 'python3' }, async () => {
    const { code, output } = await runInPty(
      [
        'train',
        'synthetic',
        '--model',
        'resnet14v2',
        '--image-size',
        '32',
        '--epochs',
        '2',
        '--width',
        '4',
        '--limit',
        '60',
        '--ndjson',
        '--out',
        'on-terminal',
      ],
      { cwd },
    );
    expect(code).toBe(0);
    const lines = output.split('\r\n').map((line) => line.split('\r\u001b[2K').at(-1)!);
    const events = lines.filter((line) => line.includes('{"'));
    expect(events.length).toBeGreaterThan(10);
    for (const line of events) expect(JSON.parse(line)).toHaveProperty('type');
  });
});
