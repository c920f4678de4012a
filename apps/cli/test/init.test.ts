import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readExperimentFile, resolveExperiment } from '@fixres/runs/node';
import { describe, expect, it } from 'vitest';
import { runInPty } from './in-pty.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const down = '\u001b[B';

describe('fixres init', () => {
  it('writes a valid file with the values of the options', async () => {
    const folder = await temporaryFolder();
    const options =
      '--dataset synthetic --small 32 --large 48 --width 4 --epochs 1 --finetune-epochs 1 --batch-size 8 --limit 60 --held-out 0.2 --seed-count 1'.split(
        ' ',
      );
    expect(await runCli(['init', 'deep/tiny.yaml', ...options], { cwd: folder })).toEqual({
      code: 0,
      stdout: 'deep/tiny.yaml\n',
      stderr: 'Run it with: fixres run deep/tiny.yaml\n',
    });
    const file = join(folder, 'deep', 'tiny.yaml');
    expect(await readExperimentFile(file)).toEqual({
      version: 1,
      dataset: { source: 'synthetic', limit: 60, heldOut: 0.2 },
      preset: 'quick',
      model: { width: 4 },
      sizes: { small: 32, large: 48 },
      epochs: 1,
      finetuneEpochs: 1,
      batchSize: 8,
      seedCount: 1,
    });
    const { code, stdout } = await runCli(
      ['run', 'deep/tiny.yaml', '--out', 'run', '--quiet', '--json'],
      { cwd: folder },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ dataset: { train: 48, heldOut: 12 } });
  });

  it.each(['quick', 'keras', 'paper', 'matched'])(
    'shows the values of %s as comments that are valid settings',
    async (preset) => {
      const folder = await temporaryFolder();
      const file = join(folder, 'x.yaml');
      expect(
        (await runCli(['init', file, '--dataset', 'tf_flowers', '--preset', preset, '--json']))
          .code,
      ).toBe(0);
      const sizes = Array.from({ length: 50 }, (_, i) => ({ width: 300 + i, height: 250 }));
      const plain = await resolveExperiment(await readExperimentFile(file), () =>
        Promise.resolve(sizes),
      );
      const text = await readFile(file, 'utf8');
      const settings = text.match(/^ *# \w+: .*$/gm)!;
      expect(settings.map((line) => /\w+/.exec(line)![0])).toEqual(
        'archive limit heldOut skipCorrupt splitByGroup dropLeaks labelKey classNames classIds nestedClasses multiLabel labelSeparator tuneThresholds holdBack evaluateOn allowOutside maxMegapixels decode model sizes epochs finetuneEpochs batchSize normStatistics normImages engine device precision deterministic memory checkpoint activations logs'.split(
          ' ',
        ),
      );
      await writeFile(file, text.replaceAll(/^( *)# (\w+: .*)$/gm, '$1$2'));
      const all = await readExperimentFile(file);
      expect(all).toMatchObject({
        dataset: {
          source: 'tf_flowers',
          limit: 1000,
          heldOut: 0.1,
          skipCorrupt: false,
          splitByGroup: 'look-alikes',
          dropLeaks: false,
          labelKey: 'label',
          classNames: ['daisy', 'rose'],
          maxMegapixels: 67.1,
          decode: 'accurate',
        },
        deterministic: false,
        engine: 'auto',
        logs: [],
      });
      const { precision, checkpoint, normImages, activations, ...rest } = await resolveExperiment(
        all,
        () => Promise.resolve(sizes),
      );
      expect({ precision, checkpoint, normImages, activations }).toEqual({
        precision: 'float32',
        normImages: 4096,
        checkpoint: { everyEpochs: 1, everySeconds: 600, keep: 2, best: true },
        activations: { images: 256 },
      });
      expect(rest).toEqual(plain);
    },
  );

  it('overwrites only on request, and reports errors before it writes', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'mine.yaml'), 'precious');
    const cases: [string[], RegExp][] = [
      [
        ['mine.yaml', '--dataset', 'synthetic'],
        /^error: File "mine\.yaml" already exists\. .*--force\.$/,
      ],
      [
        ['a.json', '--dataset', 'synthetic'],
        /^error: File "a\.json" would be JSON, which has no comments/,
      ],
      [['a.yaml'], /^error: Option --dataset is missing/],
      [
        ['a.yaml', '--dataset', 'synthetic', '--small', '64', '--large', '32'],
        /^error: Option "large" is 32; it must be larger than "small", which is 64\.$/,
      ],
      [
        ['a.yaml', '--dataset', 'synthetic', '--model', 'vgg'],
        /argument 'vgg' is invalid\. Allowed choices are resnet14v2, /,
      ],
      [
        ['a.yaml', '--dataset', 'synthetic', '--seed-count', '0'],
        /^error: option '--seed-count <n>' argument '0' is invalid\. It must be a whole number from 1 to 100\./,
      ],
      [
        ['a.yaml', '--dataset', 'synthetic', '--preset', 'slow'],
        /Allowed choices are quick, keras, paper, matched\.$/,
      ],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await runCli(['init', ...args], { cwd: folder });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr.trim()).toMatch(message);
    }
    expect(existsSync(join(folder, 'a.yaml'))).toBe(false);
    expect(await readFile(join(folder, 'mine.yaml'), 'utf8')).toBe('precious');
    expect(
      (await runCli(['init', 'mine.yaml', '--dataset', 'synthetic', '--force'], { cwd: folder }))
        .code,
    ).toBe(0);
    expect(await readExperimentFile(join(folder, 'mine.yaml'))).toMatchObject({ preset: 'quick' });
  });

  it('fails if the folder of the file cannot be created', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    const { code, stdout, stderr } = await runCli(
      ['init', 'file/x.yaml', '--dataset', 'synthetic'],
      { cwd: folder },
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: "file\/x\.yaml" cannot be written: (EEXIST|ENOTDIR): .*\n$/);
  });

  it('writes paths relative to the file, and prints JSON', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'my: photos'));
    const there = await runCli(['init', 'files/x.yaml', '--dataset', 'my: photos/', '--json'], {
      cwd: folder,
    });
    expect(there).toMatchObject({ code: 0, stderr: 'Run it with: fixres run files/x.yaml\n' });
    expect(JSON.parse(there.stdout)).toEqual({
      file: 'files/x.yaml',
      experiment: {
        version: 1,
        dataset: { source: '../my: photos' },
        preset: 'quick',
        seedCount: 1,
      },
    });
    expect((await readExperimentFile(join(folder, 'files', 'x.yaml'))).dataset).toEqual({
      source: '../my: photos',
    });
    await mkdir(join(folder, 'tf_flowers'));
    expect(
      await runCli(['init', 'own.yaml', '--dataset', './tf_flowers'], { cwd: folder }),
    ).toMatchObject({ code: 0 });
    expect((await readExperimentFile(join(folder, 'own.yaml'))).dataset).toEqual({
      source: './tf_flowers',
    });
    const nowhere = await runCli(['init', 'y.yaml', '--dataset', 'nowhere'], { cwd: folder });
    expect(nowhere).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('warning: "nowhere" does not exist yet') as string,
    });
  });
});

describe('fixres init on a terminal', { tags: 'python3' }, () => {
  it('asks for data set, experiment and seeds', async () => {
    const folder = await temporaryFolder();
    const answers = [
      ['Which images?', `${down}\r`],
      ['Which experiment?', `${down}\r`],
      ['Number of seeds?', '\u007f0\r'],
      ['1 to 100', '\u007f3\r'],
    ] as const;
    const { code, output } = await runInPty(['init'], { cwd: folder, answers });
    expect(output).toContain('Run it with: fixres run experiment.yaml');
    expect(code).toBe(0);
    expect(await readExperimentFile(join(folder, 'experiment.yaml'))).toEqual({
      version: 1,
      dataset: { source: 'tf_flowers' },
      preset: 'keras',
      seedCount: 3,
    });
  });

  it('asks for a folder of images until it exists, and for nothing that an option sets', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'photos'));
    const answers = [
      ['Which images?', `${down}${down}\r`],
      ['Where are they?', 'foto\r'],
      ['There is no such', '\u007f'.repeat(4) + 'photos\r'],
    ] as const;
    const { code, output } = await runInPty(
      ['init', 'x.yaml', '--preset', 'paper', '--seed-count', '2'],
      { cwd: folder, answers },
    );
    expect(output).not.toContain('Which experiment?');
    expect(code).toBe(0);
    expect(await readExperimentFile(join(folder, 'x.yaml'))).toEqual({
      version: 1,
      dataset: { source: 'photos' },
      preset: 'paper',
      seedCount: 2,
    });
  });

  it('exits with code 130 at Ctrl-C and writes nothing; asks nothing with --yes', async () => {
    const folder = await temporaryFolder();
    const broken = await runInPty(['init'], {
      cwd: folder,
      answers: [['Which images?', '\u0003']],
    });
    expect(broken.code).toBe(130);
    expect(broken.output).toContain('Nothing was written.');
    expect(existsSync(join(folder, 'experiment.yaml'))).toBe(false);
    expect(
      (await runInPty(['init', '--dataset', 'synthetic', '--yes'], { cwd: folder })).output,
    ).toBe('experiment.yaml\r\nRun it with: fixres run experiment.yaml\r\n');
  });
});
