import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEvents } from '@fixres/runs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli, suiteFolder, temporaryFolder } from './run-cli.ts';
import { tinyExperiment, writeExperiment, writeTinyPhotos } from './tiny-experiment.ts';
import { whenSaid } from './when-said.ts';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await suiteFolder();
  await writeTinyPhotos(folder);
  const [base] = tinyExperiment.arms;
  file = await writeExperiment(folder, 'experiment', {
    ...tinyExperiment,
    arms: [base],
    logs: ['tensorboard', 'csv'],
  });
});

/** Causes of a folder that cannot be written because of missing space, and the resulting error. */
const full = (
  what: string,
  advice = 'Earlier checkpoints are intact: make room, then run "fixres resume".',
): RegExp =>
  new RegExp(
    `^error: Run folder ".*" cannot be written: the file would be larger than allowed \\(${what}\\)\\. ${advice}\\n$`,
  );

it('a cache folder without space is reported in one line, and nothing partial is left', async () => {
  const own = await temporaryFolder();
  const cache = join(own, 'cache');
  const settings = '--model resnet14v2 --width 4 --image-size 32 --epochs 1 --quiet'.split(' ');
  const { code, stdout, stderr } = await runCli(
    ['train', 'synthetic', ...settings, '--engine', 'wasm', '--out', join(own, 'run')],
    { env: { FIXRES_CACHE: cache }, largestFileKb: 0 },
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^error: Cache folder ".*synthetic" cannot be written: EFBIG: .*\. Make room, or use another cache folder \(FIXRES_CACHE\)\.\n$/,
  );
  expect(await readdir(own)).toEqual(['cache']);
  expect(await readdir(join(cache, 'synthetic'))).toEqual([]);
});

it(
  'a cache folder that cannot be written is reported in one line if a training needs it',
  { tags: 'linux' },
  async () => {
    const own = await temporaryFolder();
    const settings = '--model resnet14v2 --width 4 --image-size 32 --epochs 1 --quiet'.split(' ');
    const train = (dataset: string, cache: string): ReturnType<typeof runCli> =>
      runCli(['train', dataset, ...settings, '--engine', 'wasm', '--out', join(own, dataset)], {
        cwd: folder,
        env: { FIXRES_CACHE: cache },
      });
    // Not even root can write there: one folder cannot be made, the other is there already.
    const missing = '/sys/fixres';
    const there = join(own, 'cache');
    await mkdir(there);
    await symlink('/sys/kernel', join(there, 'synthetic'));
    for (const cache of [missing, there]) {
      expect(await train('synthetic', cache)).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^error: Cache folder "\S+\/synthetic" cannot be written: E(PERM|ACCES|ROFS): .*\. Make room, or use another cache folder \(FIXRES_CACHE\)\.\n$/,
        ) as string,
      });
      expect(await readdir(own)).toEqual(['cache']);
      expect(await readdir(there)).toEqual(['synthetic']);
    }
    expect(await train('photos', missing)).toMatchObject({ code: 0, stderr: '' });
  },
);

describe('a run whose folder cannot be written', () => {
  it('reports it before it starts, and can start when there is space', async () => {
    const out = join(await temporaryFolder(), 'run');
    const { code, stdout, stderr } = await runCli(['run', file, '--out', out, '--quiet'], {
      largestFileKb: 0,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      full('lock', 'The run has not started: make room, then start it again.'),
    );
    expect(await readdir(out)).toEqual([]);
    expect(await runCli(['run', file, '--out', out, '--quiet'])).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  it('reports it when it cannot continue, for any cause, and resumes when the cause is gone', async () => {
    const out = join(await temporaryFolder(), 'run');
    const begun = await runCli(['run', file, '--out', out], {
      onStderr: whenSaid('epoch  1', 'SIGINT'),
    });
    expect(begun.code).toBe(130);
    const before = (await readdir(out, { recursive: true })).sort();
    expect(await runCli(['resume', out, '--quiet'], { largestFileKb: 0 })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(full('lock')) as string,
    });
    expect((await readdir(out, { recursive: true })).sort()).toEqual(before);

    const board = join(out, 'tensorboard');
    await rm(board, { recursive: true });
    await writeFile(board, '');
    const withoutBoard = await runCli(['resume', out, '--quiet']);
    expect(withoutBoard).toMatchObject({ code: 1, stdout: '' });
    expect(withoutBoard.stderr).toMatch(
      /^error: Run folder ".*" cannot be written: ENOTDIR: .* \(tensorboard\/base-seed0\)\. Earlier checkpoints are intact: repair it, then run "fixres resume"\.\n$/,
    );
    await rm(board);

    await mkdir(join(out, 'report.html', 'mine'), { recursive: true });
    const withoutReport = await runCli(['resume', out, '--quiet']);
    expect(withoutReport).toMatchObject({ code: 1, stdout: '' });
    expect(withoutReport.stderr).toMatch(
      /^error: Run folder ".*" cannot be written: (EISDIR|ENOTEMPTY|EEXIST): .* \(report\.html\)\. .* then run "fixres resume"\.\n$/,
    );
    expect(await readdir(out)).not.toContain('summary.json');
    await rm(join(out, 'report.html'), { recursive: true });
    expect(await runCli(['resume', out, '--quiet'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('fails if it cannot cache features, with the same advice', async () => {
    const own = await temporaryFolder();
    expect(await runCli(['run', file, '--out', join(own, 'trained'), '--quiet'])).toMatchObject({
      code: 0,
    });
    const out = join(own, 'run');
    const options = [
      '--image-size',
      '224',
      '--epochs',
      '2',
      '--feature-memory',
      '0',
      '--deterministic',
      '--out',
      out,
      '--quiet',
    ];
    // Less than the features of 40 views need, and more than a checkpoint needs.
    const { code, stdout, stderr } = await runCli(
      ['finetune', join(own, 'trained'), join(folder, 'photos'), ...options],
      { largestFileKb: 400 },
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(full('features of frozen layers'));
    expect(parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')).at(-1)!.type).toBe(
      'run-failed',
    );
    expect(await runCli(['resume', out, '--quiet'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('also fails if it was interrupted and could not save its state', async () => {
    const own = await temporaryFolder();
    const dataset = join(folder, 'photos');
    // A training state of 2 MB, which is first saved when the run is interrupted.
    const wide = await writeExperiment(own, 'wide', {
      ...{
        ...tinyExperiment,
        dataset,
        arms: tinyExperiment.arms.slice(0, 1),
        model: { name: 'resnet14v2', width: 16 },
      },
      checkpoint: { everyEpochs: null, everySeconds: null },
    });
    const out = join(own, 'run');
    const { code, stderr } = await runCli(['run', wide, '--out', out, '--quiet', '--ndjson'], {
      largestFileKb: 1500,
      onStdout: whenSaid('"type":"progress"', 'SIGTERM'),
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(full('checkpoint'));
    expect(parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')).at(-1)).toMatchObject({
      type: 'run-failed',
      message: expect.stringContaining('checkpoint') as string,
    });
    expect(await readdir(out)).not.toContain('lock');
    expect(await runCli(['resume', out, '--quiet'])).toMatchObject({ code: 0, stderr: '' });
  });
});
