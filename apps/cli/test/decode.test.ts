import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreprocessingContract } from '@fixres/data';
import type { RunConfig } from '@fixres/runs';
import { samplePhotos } from '@fixres/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../src/evaluate/evaluation-record.ts';
import { type CliResult, runCli, suiteFolder } from './run-cli.ts';

let folder: string;
beforeAll(async () => {
  folder = await suiteFolder();
  const { code, stderr } = await train('fast', '--decode', 'tensorflow');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

const tiny = '--model resnet14v2 --width 4 --image-size 32 --epochs 1 --batch-size 8'.split(' ');
const run = (name: string): string => join(folder, name);
const train = (name: string, ...options: string[]): Promise<CliResult> =>
  runCli(['train', samplePhotos, ...tiny, '--quiet', '--out', run(name), ...options]);

const decodeOf = async (name: string): Promise<string | undefined> =>
  (JSON.parse(await readFile(join(run(name), 'config.json'), 'utf8')) as RunConfig).dataset.decode;

async function contractOf(model: string): Promise<PreprocessingContract> {
  const text = await readFile(join(model, 'model.json'), 'utf8');
  const { userDefinedMetadata } = JSON.parse(text) as {
    userDefinedMetadata: { fixres: { contract: PreprocessingContract } };
  };
  return userDefinedMetadata.fixres.contract;
}

describe('--decode tensorflow', () => {
  it('is recorded with the run and in the contract of its models', async () => {
    expect(await decodeOf('fast')).toBe('tensorflow');
    expect((await contractOf(join(run('fast'), 'models', 'trained-seed0'))).decode).toBe(
      'tensorflow',
    );
  });

  it('is what fine-tuning, evaluation and prediction of such a model use', async () => {
    const tuned = await runCli(
      `finetune ${run('fast')} ${samplePhotos} --image-size 40 --epochs 1 --batch-size 8 --quiet --out ${run('tuned')}`.split(
        ' ',
      ),
    );
    expect(tuned).toMatchObject({ code: 0, stderr: '' });
    expect(await decodeOf('tuned')).toBe('tensorflow');

    const photo = join(samplePhotos, 'animals', 'bison.jpg');
    const own = await runCli(['predict', run('fast'), photo, '--json', '--quiet']);
    expect(own.code).toBe(0);
    // Its run holds these images out: the same levels give the same probabilities.
    const same = await runCli(
      ['predict', run('fast'), photo, '--json', '--quiet'].concat('--decode', 'tensorflow'),
    );
    expect(same.stdout).toBe(own.stdout);
    const other = ['predict', run('fast'), photo, '--json', '--quiet', '--decode', 'accurate'];
    const refused = await runCli(other);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('decode is "tensorflow" in the model and "accurate" here');
    const allowed = await runCli([...other, '--override-contract']);
    expect(allowed.code).toBe(0);
    expect(allowed.stdout).not.toBe(own.stdout);
  });

  it('lets evaluation recognise the images of training, also if it decodes them in another way', async () => {
    const trainedOn = async (...options: string[]): Promise<number | null> => {
      const { code, stdout } = await runCli([
        'evaluate',
        run('fast'),
        samplePhotos,
        '--split',
        'all',
        '--json',
        '--quiet',
        ...options,
      ]);
      expect(code).toBe(0);
      return (JSON.parse(stdout) as EvaluationReport).images.trainedOn;
    };
    expect(await trainedOn()).toBe(36);
    expect(await trainedOn('--decode', 'accurate')).toBe(36);
  });
});

describe('without --decode', () => {
  it('images are decoded accurately', async () => {
    expect(await train('plain')).toMatchObject({ code: 0 });
    expect(await decodeOf('plain')).toBeUndefined();
    expect((await contractOf(join(run('plain'), 'models', 'trained-seed0'))).decode).toBe(
      'accurate',
    );
  });

  it('a model from before there was a choice is used as it was trained', async () => {
    const file = join(run('plain'), 'models', 'trained-seed0', 'model.json');
    const model = JSON.parse(await readFile(file, 'utf8')) as {
      userDefinedMetadata: { fixres: { contract: Partial<PreprocessingContract> } };
    };
    delete model.userDefinedMetadata.fixres.contract.decode;
    await writeFile(file, JSON.stringify(model));
    const photo = join(samplePhotos, 'animals', 'bison.jpg');
    expect(await runCli(['predict', run('plain'), photo, '--quiet'])).toMatchObject({ code: 0 });
  });
});

it('another value is refused, in options and in experiment files', async () => {
  const option = await train('refused', '--decode', 'fast');
  expect(option).toMatchObject({ code: 2, stdout: '' });
  expect(option.stderr).toContain("argument 'fast' is invalid. Allowed choices are accurate, tens");
  const file = join(folder, 'experiment.yaml');
  await writeFile(
    file,
    `version: 1\ndataset: { source: synthetic, decode: fast }\npreset: quick\n`,
  );
  const inFile = await runCli(['run', file]);
  expect(inFile).toMatchObject({ code: 2, stdout: '' });
  expect(inFile.stderr).toContain('dataset.decode');
});
