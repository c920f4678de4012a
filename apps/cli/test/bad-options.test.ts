import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

const arm =
  '{ name: small, trainPolicy: { policy: resizeFlip, size: 32 }, testPolicy: { policy: resize, size: 32 }, epochs: 1, learningRate: 0.001 }';
const head =
  'version: 1\ndataset: { source: synthetic, limit: 40 }\nmodel: { name: resnet14v2, width: 4 }\n';
const files: Readonly<Record<string, string>> = {
  'e.yaml': `${head}arms: [${arm}]\n`,
  'nan.yaml': `${head}arms: [${arm.replace('0.001', '.nan')}]\n`,
  'infinite.yaml': `${head}arms: [${arm.replace('0.001', '.inf')}]\n`,
  'rule.yaml': `${head}arms:\n  - ${arm}\n  - { name: late, initFrom: small, freeze: { name: mine, rules: [{ match: { layer: conv9 }, mode: train }], otherwise: freeze }, ${arm.slice(15)}\n`,
  'steps.yaml': `${head}arms: [${arm.replace('{ policy: resizeFlip, size: 32 }', '{ version: 1, name: none, output: { width: 32, height: 32 }, steps: [] }')}]\n`,
  'small.yaml': `${head}arms: [${arm.replaceAll('32', '8')}]\n`,
};

it.each([
  [
    'run e.yaml --seed-count 0',
    "option '--seed-count <n>' argument '0' is invalid. It must be a whole number from 1 to 100.",
  ],
  [
    'run e.yaml --seed-count 99999999999',
    "option '--seed-count <n>' argument '99999999999' is invalid.",
  ],
  ['run nan.yaml', 'Experiment file "nan.yaml": arms[0].learningRate is NaN: '],
  ['run infinite.yaml', 'Experiment file "infinite.yaml": arms[0].learningRate is Infinity: '],
  ['run rule.yaml --out run', 'Arm "late": rule 1 (layer "conv9" -> train)'],
  ['run steps.yaml --out run', 'Arm "small": Policy "none" cannot be applied: its steps give '],
  [
    'run small.yaml --out run',
    'Arm "small" has images of 8 x 8 pixels; a side must be a whole number from 32 to 4096',
  ],
  [
    'train synthetic --width 100000',
    "option '--width <channels>' argument '100000' is invalid. It must be a whole number from 4 to 512.",
  ],
  ['train synthetic --width 3', "option '--width <channels>' argument '3' is invalid."],
  [
    'train synthetic --batch-size 999999999999',
    "option '--batch-size <images>' argument '999999999999' is invalid. It must be a whole number from 2 to 4096.",
  ],
  [
    'train synthetic --learning-rate Infinity',
    "option '--learning-rate <rate>' argument 'Infinity' is invalid. It must be a number above 0.",
  ],
  ['train synthetic --out ', "option '--out <folder>' is empty."],
  ['train synthetic --image-size 32 --out file/run', 'Run folder "file/run" cannot be '],
  ['train ', "argument 'dataset' is empty."],
  [
    'finetune model synthetic --image-size 0',
    "option '--image-size <pixels>' argument '0' is invalid. It must be a whole number from 8 to 4096, or height x width such as 192x256.",
  ],
  [
    'describe resnet14v2 --width 100000',
    "option '--width <channels>' argument '100000' is invalid. It must be a whole number from 1 to 512.",
  ],
  [
    'describe resnet14v2 --classes 99999999999',
    "option '--classes <n>' argument '99999999999' is invalid. It must be a whole number from 1 to 100000.",
  ],
  [
    'predict model photo.jpg --image-size 100000 --override-contract',
    "option '--image-size <pixels>' argument '100000' is invalid.",
  ],
  [
    'predict model photo.jpg --top 0',
    "option '--top <n>' argument '0' is invalid. It must be a whole number of at least 1.",
  ],
])('refuses fixres %s', async (line, message) => {
  const cwd = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  await writeFile(join(cwd, 'file'), '');
  const { code, stdout, stderr } = await runCli(line.split(' '), { cwd });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  const lines = stderr.trimEnd().split('\n');
  expect(lines.at(-1)).toContain(`error: ${message}`);
  // Earlier lines would show that work had started.
  expect(lines.slice(0, -1).filter((each) => !each.startsWith('Engine: '))).toEqual([]);
  expect((await readdir(cwd)).sort()).toEqual([...Object.keys(files), 'file'].sort());
});

it('refuses an image size that is too small for a model before the run folder is created', async () => {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, 'photos'));
  const trained = await runCli(
    'train synthetic --model mobilenetv2 --width 4 --image-size 32 --epochs 1 --limit 40 --out run --quiet'.split(
      ' ',
    ),
    { cwd },
  );
  expect(trained.code).toBe(0);
  const before = await readdir(cwd);
  const { code, stderr } = await runCli(
    'finetune run synthetic --image-size 8 --out tuned --quiet'.split(' '),
    { cwd },
  );
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /^error: Arm "[a-z]+" has images of 8 x 8 pixels, which the model does not support: [^\n]+\n$/,
    ) as string,
  });
  expect(await readdir(cwd)).toEqual(before);
});
