import { policyAt } from '@fixres/runs/report';
import { imageSizeText } from '@fixres/data';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Summary } from '@fixres/runs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../src/evaluate/evaluation-record.ts';
import type { PlanJson } from '../src/plan/plan-json.ts';
import { type CliResult, runCli } from './run-cli.ts';

let folder: string;
let run: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-evaluate-'));
  run = join(folder, 'run');
  const settings =
    '--limit 200 --held-out 0.2 --width 4 --small 32 --large 48 --epochs 1 --finetune-epochs 1 --arms small,fixres,control --quiet'.split(
      ' ',
    );
  const { code, stderr } = await runCli(['reproduce', 'synthetic', ...settings, '--out', run]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const evaluate = (...args: string[]): Promise<CliResult> => runCli(['evaluate', ...args]);

async function report(...args: string[]): Promise<EvaluationReport> {
  const { code, stdout, stderr } = await evaluate(...args, '--json', '--quiet');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as EvaluationReport;
}

describe('fixres evaluate', () => {
  it("gets the run's own numbers on its held-out images", async () => {
    const { arms } = JSON.parse(await readFile(join(run, 'summary.json'), 'utf8')) as Summary;
    const fixres = arms.find(({ name }) => name === 'fixres')!;
    const { policy, size, metrics, accuracy, ci95, correct, total } =
      fixres.evaluations[fixres.ownEvaluation]!;
    const top1 = { accuracy, ci95, correct, total };
    const result = await report(run, 'synthetic', '--arm', 'fixres');
    expect(result).toMatchObject({
      format: 1,
      model: { path: join(run, 'models', 'fixres-seed0'), arm: 'fixres', seed: 0 },
      images: { split: 'held-out', count: 40, trainedOn: 0 },
      tta: 'none',
      search: null,
    });
    expect(result.evaluations).toHaveLength(1);
    const [evaluation] = result.evaluations;
    expect(evaluation).toMatchObject({ policy, size, top1, top5: null, views: 1 });
    expect(evaluation!.confusion).toEqual(metrics!.confusion);
    expect(evaluation!.nll).toBeCloseTo(metrics!.nll.mean, 6);
    expect(evaluation!.confusion!.flat().reduce((sum, count) => sum + count, 0)).toBe(40);
    expect(evaluation!.classes!.reduce((sum, { correct }) => sum + correct, 0)).toBe(top1.correct);
    expect(evaluation!.nll).toBeGreaterThan(0);
    expect(evaluation!.calibration!.ece).toBeGreaterThanOrEqual(0);
    expect(evaluation!.imagesPerSecond).toBeGreaterThan(0);
    // The model folder alone identifies its run.
    const { evaluations } = await report(join(run, 'models', 'fixres-seed0'), 'synthetic');
    expect(evaluations[0]!.confusion).toEqual(evaluation!.confusion);
  });

  it(
    'gets the same with compiled graphs, which it uses for many batches',
    { tags: 'native-engine' },
    async () => {
      const args = [
        run,
        'synthetic',
        '--arm',
        'fixres',
        '--sizes',
        '32,48',
        '--tta',
        'flip',
        '--json',
        '--quiet',
      ];
      const onNative = async (...more: string[]): Promise<EvaluationReport> => {
        const env = { FIXRES_ENGINE: 'tensorflow' };
        const { code, stdout, stderr } = await runCli(['evaluate', ...args, ...more], { env });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        return JSON.parse(stdout) as EvaluationReport;
      };
      const [few, many] = [await onNative(), await onNative('--batch-size', '6')];
      many.evaluations.forEach(({ nll, confusion, imagesPerSecond }, i) => {
        expect(confusion).toEqual(few.evaluations[i]!.confusion);
        expect(nll).toBeCloseTo(few.evaluations[i]!.nll!, 5);
        expect(imagesPerSecond).toBeGreaterThan(0);
      });
    },
  );

  it('chooses a size on one half and confirms it on the other', async () => {
    const { evaluations, search } = await report(
      run,
      'synthetic',
      '--arm',
      'fixres',
      '--sizes',
      '32,48,64',
      '--search',
      '--non-inferior',
      '45',
    );
    expect(evaluations.map(policyAt)).toEqual([
      'shortSideCrop@32',
      'shortSideCrop@48',
      'shortSideCrop@64',
    ]);
    expect(search!.baseline).toBe('shortSideCrop@48');
    search!.candidates.forEach(({ flops, choosing, confirming }, i) => {
      expect(flops).toBeCloseTo(evaluations[i]!.multiplyAdds / evaluations[1]!.multiplyAdds, 12);
      // Nearly proportional to the number of pixels: the last stages round up.
      expect(flops / ([32, 48, 64][i]! / 48) ** 2).toBeCloseTo(1, 0);
      expect([choosing.total, confirming.total]).toEqual([20, 20]);
      expect(choosing.correct + confirming.correct).toBe(evaluations[i]!.top1.correct);
    });
    const chosen = search!.candidates.find(({ key }) => key === search!.chosen)!;
    expect(search).toMatchObject({
      accuracy: chosen.confirming.accuracy,
      ci95: chosen.confirming.ci95,
      nonInferior: { margin: 0.45, chosen: expect.stringMatching(/@\d\d$/) as string },
    });
  });

  it('measures a plan: one half of the held-out images chooses, the other confirms', async () => {
    const args = ['plan', run, 'synthetic', '--arm', 'fixres', '--quiet'];
    const { code, stdout, stderr } = await runCli([...args, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { trainSize, recommendation, measured } = JSON.parse(stdout) as PlanJson;
    // The arm is initialised from one that was trained at 32.
    expect(trainSize).toBe(32);
    const { model, images, search, estimated, recommended } = measured!;
    expect({ model, images }).toMatchObject({ model: { arm: 'fixres', seed: 0 }, images: 40 });
    expect(estimated).toBe(`${recommendation.policy}@${imageSizeText(recommendation.cropSize)}`);
    expect(search.baseline).toBe('shortSideCrop@48');
    const keys = search.candidates.map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['resize@32', 'resize@64', estimated]));
    const compared = [search.chosen, ...search.others.map(({ key }) => key)];
    expect(estimated === search.baseline || compared.includes(estimated)).toBe(true);
    const isBetter = search.comparison?.verdict === 'better';
    expect(recommended).toBe(isBetter ? search.chosen : search.baseline);
    const few = await runCli([...args, '--candidates', '32,resize@64']);
    expect(few.stdout).toMatch(
      /\n\* Estimated: .*\n[^]*\nMeasured: fixres, seed 0, 40 held-out images\.\n/,
    );
    expect(few.stdout).toMatch(/\nRecommended: \w+@\d\d, (the model's own|better than)/);
    expect(few.stdout).not.toContain('This is an estimate');
  });

  it('prints a table, and what the model was evaluated on', async () => {
    const args = [
      run,
      'synthetic',
      '--arm',
      'small',
      '--sizes',
      '32,48',
      '--search',
      '--non-inferior',
      '5',
      '--tta',
      'flip',
      '--per-class',
      '--activations',
    ];
    const { code, stdout, stderr } = await evaluate(...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^synthetic: 40 images \(held-out\), flip: the mean of 2 views\n\npolicy +size +accuracy +95 % interval +NLL +ECE +img\/s\n/,
    );
    expect(stdout).toMatch(
      /\nresize +32 +\d+\.\d % +\d+\.\d % to \d+\.\d % +\d\.\d{3} +\d\.\d{3} +[\d.]+\n/,
    );
    expect(stdout).toMatch(/\nclass +images +resize@32 +95 % interval +resize@48 +95 % interval\n/);
    expect(stdout).toMatch(
      /\nresize@48 +before pooling +\d\.\d{3} +\d\.\d{3} +\d+\.\d % .*\nresize@48 +pooled /,
    );
    expect(stdout).toMatch(
      /\* Chosen on 20 images, confirmed on 20 others: resize@\d\d has \d+\.\d %/,
    );
    // Twenty images cannot show that a size is at most five points below another.
    expect(stdout).toMatch(
      /\ntested +FLOPs +against +difference +at least +not worse\n.*\nresize@\d\d +\d\.\d\dx +resize@\d\d +[-+]?\d+\.\d +-\d+\.\d +not shown\n\nNo size is shown to be at most 5 points below the best\.\nTo show it of resize@\d\d, /,
    );
    expect(stderr).toContain("Images: 40 images of synthetic, held-out (the run's split)");
    expect(stderr).not.toContain('warning');
  });

  it('evaluates on corrupted images, and describes calibration', async () => {
    const { code, stdout, stderr } = await evaluate(
      run,
      'synthetic',
      '--arm',
      'small',
      '--corruptions',
      'gaussian_noise,contrast',
      '--severities',
      '1,5',
      '--calibration',
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /Corruptions at 32 pixels: 2 corruptions x 2 severities x 40 images = 160 evaluations, about [\d.]+ s\./,
    );
    expect(stdout).toMatch(
      /\ncorruption +1 +5 +mean\n(-.*\n)?gaussian_noise +\d+\.\d % +\d+\.\d % +\d+\.\d %\ncontrast +\d/,
    );
    expect(stdout).toMatch(
      /\nresize@32 on corrupted images: \d+\.\d % on average \(95 % interval \d.* to \d.*\); \d+\.\d % without corruption\.\n/,
    );
    expect(stdout).toMatch(
      /\ncalibration +debiased ECE +95 % interval +temperature +scaled +95 % interval +NLL\n(-.*\n)?resize@32 +-?\d/,
    );
  });

  it('names copies of training images among those that the run held out', async () => {
    const copies = join(folder, 'copies');
    for (const [name, blue] of [
      ['a', 40],
      ['b', 200],
    ] as const) {
      await mkdir(join(copies, name), { recursive: true });
      const background = { r: 90, g: 120, b: blue };
      for (let n = 0; n < 4; n++)
        await sharp({ create: { width: 40, height: 36, channels: 3, background } })
          .png()
          .toFile(join(copies, name, `${n}.png`));
    }
    const trained = join(folder, 'trained-on-copies');
    const settings =
      '--held-out 0.25 --width 4 --small 32 --large 48 --epochs 1 --arms small --quiet'.split(' ');
    await runCli(['reproduce', copies, ...settings, '--out', trained]);
    const { code, stderr } = await evaluate(trained, copies, '--quiet');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'warning: 2 of the 2 held-out images have the pixels of a training image, so the accuracy can be too high by 100.0 %.\n',
    });
  });

  it('warns about images that the run was trained on', async () => {
    const train = await evaluate(run, 'synthetic', '--arm', 'small', '--split', 'train', '--quiet');
    expect(train.code).toBe(0);
    expect(train.stderr).toMatch(
      /^warning: 160 of the 160 images were trained on; the accuracy says little about new ones\./,
    );
    const other = await evaluate(
      run,
      'synthetic',
      '--arm',
      'small',
      '--limit',
      '100',
      '--held-out',
      '0.5',
      '--json',
      '--quiet',
    );
    const { images } = JSON.parse(other.stdout) as EvaluationReport;
    expect(images.count).toBe(50);
    expect(images.trainedOn).toBeGreaterThan(0);
    expect(other.stderr).toContain(`warning: ${images.trainedOn} of the 50 images were trained on`);
  });

  it('evaluates a model outside a run, and reports that its training images are unknown', async () => {
    const alone = join(folder, 'alone');
    await cp(join(run, 'models', 'small-seed0'), alone, { recursive: true });
    const { code, stdout, stderr } = await evaluate(alone, 'synthetic', '--limit', '50', '--json');
    expect(code).toBe(0);
    expect(stderr).toContain('Which images the model was trained on is not known');
    expect(JSON.parse(stdout)).toMatchObject({
      model: { path: alone, arm: null, seed: null },
      images: { count: 5, trainedOn: null },
      evaluations: [{ policy: 'contract', size: 32 }],
    });

    // A model of another program has no card, so policy and size are unknown.
    const { userDefinedMetadata, ...bare } = JSON.parse(
      await readFile(join(alone, 'model.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect(userDefinedMetadata).toHaveProperty('fixres.contract');
    await writeFile(join(alone, 'model.json'), JSON.stringify(bare));
    expect(await report(alone, 'synthetic', '--limit', '50', '--sizes', '32')).toMatchObject({
      evaluations: [{ policy: 'shortSideCrop', size: 32 }],
    });
    expect(await evaluate(alone, 'synthetic', '--limit', '50')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'error: The model does not say at which size it is used; name sizes with --sizes.',
      ) as string,
    });
  });
});

describe('bad input gives one clear line and exit code 2', () => {
  const cases: [string, () => Promise<string[]> | string[], RegExp][] = [
    [
      'a run with several arms',
      () => [run, 'synthetic'],
      /^error: Run ".*" has several arms; choose one with --arm\. Its models are control-seed0, fixres-seed0, small-seed0\.$/,
    ],
    [
      'an arm that does not exist',
      () => [run, 'synthetic', '--arm', 'large'],
      /has no model of arm "large" and seed any/,
    ],
    [
      'no model',
      () => [folder, 'synthetic', '--sizes', '32'],
      /^error: ".*" is not a model folder: it has no model\.json/,
    ],
    [
      'one size to search',
      () => [run, 'synthetic', '--arm', 'small', '--sizes', '32', '--search'],
      /^error: Option --search needs at least two sizes/,
    ],
    [
      'a margin without a search',
      () => [run, 'synthetic', '--arm', 'small', '--sizes', '32,48', '--non-inferior', '2'],
      /^error: Option --non-inferior is 2; it needs --search\.$/,
    ],
    ['no size', () => [run, 'synthetic', '--sizes', 'large'], /^error: Option --sizes has "large"/],
    [
      'an unknown part',
      () => [run, 'synthetic', '--arm', 'small', '--split', 'secret'],
      /^error: Option --split is "secret"; "synthetic" has the parts held-out, train, all\.$/,
    ],
    [
      'crops with a policy that does not crop',
      () => [run, 'synthetic', '--arm', 'small', '--tta', 'five-crop'],
      /Policy "resize" has no centerCrop/,
    ],
    [
      'an unknown policy',
      () => [run, 'synthetic', '--arm', 'small', '--test-policy', 'squash'],
      /Policy "squash" does not exist/,
    ],
    [
      'weights outside the folder',
      async () => {
        const model = join(folder, 'hostile');
        await mkdir(model);
        await writeFile(
          join(model, 'model.json'),
          JSON.stringify({
            modelTopology: {},
            weightsManifest: [{ paths: ['../run/config.json'], weights: [] }],
          }),
        );
        return [model, 'synthetic', '--sizes', '32'];
      },
      /^error: The weightsManifest of .*hostile.*model\.json .*\.\.\/run\/config\.json/,
    ],
    [
      'a damaged run',
      async () => {
        const damaged = join(folder, 'damaged');
        await cp(join(run, 'models', 'small-seed0'), join(damaged, 'models', 'small-seed0'), {
          recursive: true,
        });
        await writeFile(join(damaged, 'config.json'), '{"experiment":');
        return [damaged, 'synthetic'];
      },
      /^error: Run folder ".*damaged" is damaged: /,
    ],
    [
      'a data set with other classes',
      async () => {
        const photos = join(folder, 'photos');
        for (const name of ['anemone', 'aster', 'cosmos', 'dahlia', 'rose']) {
          await mkdir(join(photos, name), { recursive: true });
          await sharp({ create: { width: 40, height: 40, channels: 3, background: 'red' } })
            .jpeg()
            .toFile(join(photos, name, '0.jpg'));
        }
        return [run, photos, '--arm', 'small'];
      },
      /^error: The model knows the classes anemone, aster, cosmos, dahlia, daisy, but "photos" has anemone, aster, cosmos, dahlia, rose\.$/,
    ],
  ];

  it.each(cases)('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await evaluate(...(await args()), '--quiet');
    expect(stderr.trim()).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
