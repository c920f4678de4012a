import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreprocessingContract } from '@fixres/data';
import type { ArmComparison, ArmScore, Summary } from '@fixres/runs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../src/evaluate/evaluation-record.ts';
import type { ExportCertificate } from '../src/export/certificate/certificate.ts';
import { type CliResult, runCli, suiteFolder } from './run-cli.ts';

const classes = ['bar', 'disc', 'frame'];

/** What is drawn of each class. */
const shapes: Record<string, string> = {
  bar: '<rect x="4" y="4" width="10" height="40" fill="#d22"/>',
  disc: '<circle cx="32" cy="16" r="11" fill="#2a2"/>',
  frame: '<rect x="20" y="32" width="24" height="12" fill="none" stroke="#22d" stroke-width="5"/>',
};

let folder: string;
let list: string;
let run: string;
let trained: CliResult;

async function succeeds(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const training =
  '--multi-label --held-out 0.25 --width 4 --small 32 --large 48 --epochs 4 --finetune-epochs 1 --arms small,fixres --quiet'.split(
    ' ',
  );

beforeAll(async () => {
  folder = await suiteFolder();
  await mkdir(join(folder, 'photos'));
  const rows = ['path,labels'];
  for (let i = 0; i < 96; i++) {
    // Every set of labels, also the empty one, twelve times.
    const own = classes.filter((_, label) => (i >> label) & 1);
    const grey = 140 + ((i * 37) % 90);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><rect width="48" height="48" fill="rgb(${grey},${grey},${grey})"/>${own.map((name) => shapes[name]!).join('')}</svg>`;
    await sharp(Buffer.from(svg))
      .png()
      .toFile(join(folder, 'photos', `${i}.png`));
    rows.push(`photos/${i}.png,${own.length === 0 ? '[]' : own.join(';')}`);
  }
  list = join(folder, 'shapes.csv');
  await writeFile(list, rows.join('\n'));
  run = join(folder, 'run');
  const recipe = ['--tune-thresholds', '0.25', '--class-weights', 'balanced', '--mixup', '0.1'];
  trained = await runCli(['reproduce', list, ...training, ...recipe, '--out', run]);
  // The pictures of a set of labels look the same, of which a run warns.
  const { code, stderr } = trained;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
});

const summaryOf = async (): Promise<Summary> =>
  JSON.parse(await readFile(join(run, 'summary.json'), 'utf8')) as Summary;

describe('multi-label data', () => {
  it('are trained on, with thresholds from training images that are held back', async () => {
    const { dataset, arms, comparisons } = await summaryOf();
    // 72 images train; a quarter of them chooses the thresholds.
    expect(dataset).toMatchObject({ multiLabel: true, classes, heldOut: 24, train: 54 });
    expect(dataset.thresholdImages).toBe(18);
    for (const { evaluations } of arms)
      for (const { multiLabel, metrics, total } of evaluations) {
        expect(metrics).toBeUndefined();
        expect(total).toBe(24);
        const { mean, ci95 } = multiLabel!.meanAveragePrecision!;
        expect(ci95[0]).toBeLessThanOrEqual(mean);
        expect(ci95[1]).toBeGreaterThanOrEqual(mean);
      }
    const { meanAveragePrecision } = comparisons.find(({ policy }) => policy === 'own')!;
    const [small, fixres] = arms.map(
      (arm) => arm.evaluations[arm.ownEvaluation]!.multiLabel!.meanAveragePrecision!.mean,
    );
    expect(meanAveragePrecision!.difference).toBeCloseTo(fixres! - small!, 9);
    expect(trained.stdout).toMatch(/^small .* \d+\.\d % /m);
    expect(trained.stdout).toContain('(subset accuracy)');
    const report = await readFile(join(run, 'report.html'), 'utf8');
    expect(report).toContain('Mean average precision');
    expect(report).not.toContain('Confusion');
  });

  it('give their models a sigmoid and thresholds, with which predict shows the labels', async () => {
    const stored = JSON.parse(
      await readFile(join(run, 'models', 'small-seed0', 'model.json'), 'utf8'),
    ) as { userDefinedMetadata: { fixres: { contract: Pick<PreprocessingContract, 'head'> } } };
    const head = stored.userDefinedMetadata.fixres.contract.head!;
    expect(head.activation).toBe('sigmoid');
    const lines = (await readFile(join(run, 'predictions', 'small-seed0-resize@32.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as {
            file: string;
            labels: string[];
            probabilities: number[];
            exact: boolean;
          },
      );
    const files = lines.map(({ file }) => join(folder, file));
    const args = ['predict', run, ...files, '--arm', 'small', '--quiet'];
    const { predictions } = JSON.parse(await succeeds(...args, '--json')) as {
      predictions: { probabilities: number[]; labels: { label: string; probability: number }[] }[];
    };
    for (const [i, { probabilities, labels }] of predictions.entries()) {
      const line = lines[i]!;
      probabilities.forEach((p, label) => expect(p).toBeCloseTo(line.probabilities[label]!, 5));
      const given = classes.filter((_, label) => probabilities[label]! >= head.thresholds[label]!);
      expect(labels.map(({ label }) => label).sort()).toEqual(given);
      expect(JSON.stringify(given) === JSON.stringify(line.labels)).toBe(line.exact);
    }
    const none = predictions.findIndex(({ labels }) => labels.length === 0);
    if (none >= 0) expect(await succeeds(...args)).toContain('none');
  });

  it('are evaluated with the numbers of the run, and by class', async () => {
    const args = ['evaluate', run, list, '--arm', 'small', '--quiet'];
    const { evaluations } = JSON.parse(await succeeds(...args, '--json')) as EvaluationReport;
    const { arms } = await summaryOf();
    const own = arms[0]!.evaluations[arms[0]!.ownEvaluation]!;
    const [{ multiLabel, top1, calibration }] = evaluations as [EvaluationReport['evaluations'][0]];
    expect(calibration).toBeUndefined();
    expect(top1.correct).toBe(own.correct);
    expect(multiLabel!.meanAveragePrecision).toBeCloseTo(
      own.multiLabel!.meanAveragePrecision!.mean,
      6,
    );
    expect(multiLabel!.f1.micro).toBeCloseTo(own.multiLabel!.f1.micro.mean, 9);
    expect(await succeeds(...args, '--per-class')).toMatch(
      /^class +images +threshold +AP resize@32/m,
    );
  });

  it(
    'are exported with the sigmoid, and verified by their sets of labels',
    { tags: 'native-engine' },
    async () => {
      const out = join(folder, 'onnx');
      const args = ['export', run, '--arm', 'small', '--format', 'onnx', '--out', out];
      const { code, stderr } = await runCli(args);
      expect(code).toBe(0);
      expect(stderr).toMatch(/changed sets of labels: 0 of 24/);
      expect(stderr).toMatch(/subset accuracy, exported/);
      const { verification } = JSON.parse(
        await readFile(join(out, 'export.json'), 'utf8'),
      ) as ExportCertificate;
      expect(verification).toMatchObject({ verdict: 'equal', changedLabelSets: 0 });
      expect(await succeeds('verify', out)).toContain('changed sets of labels: 0 of 24');
      expect(await readFile(join(out, 'README.md'), 'utf8')).toContain('mean_average_precision');
    },
  );

  it('are compared by mean average precision', async () => {
    const compared = JSON.parse(await succeeds('compare', run, run, '--json')) as {
      arms: ArmScore[];
      comparisons: ArmComparison[];
    };
    const { arms } = await summaryOf();
    expect(compared.arms[0]!.meanAveragePrecision).toBeCloseTo(
      arms[0]!.evaluations[arms[0]!.ownEvaluation]!.multiLabel!.meanAveragePrecision!.mean,
      6,
    );
    for (const { meanAveragePrecision } of compared.comparisons)
      expect(meanAveragePrecision).toMatchObject({ difference: 0, p: 1 });
    expect(await succeeds('compare', run, run)).toMatch(/^difference in mAP /m);
  });

  it.each([
    [
      ['--sampling', 'class-balanced'],
      /sampling "class-balanced", which needs one class per image/,
    ],
    [['--loss', 'cross-entropy'], /loss "cross-entropy", which needs one class per image/],
    [['--tune-thresholds', '0.97'], /--tune-thresholds.* holds back all training images of class/],
    [['--tune-thresholds', '0.001'], /--tune-thresholds.* holds back 0 of 72 training images/],
  ])('are refused before training with %j', async (options, message) => {
    const out = join(folder, 'refused');
    const args = ['reproduce', list, ...training, ...options, '--out', out];
    const { code, stderr } = await runCli(args);
    expect(stderr).toMatch(message);
    expect(code).not.toBe(0);
  });

  it('and models of one class per image do not fit', async () => {
    const rows = (await readFile(list, 'utf8')).split('\n').filter((row) => !/;|\[/.test(row));
    await writeFile(join(folder, 'single.csv'), rows.join('\n'));
    const args = [run, join(folder, 'single.csv'), '--arm', 'small', '--label-key', 'labels'];
    const { code, stderr } = await runCli(['evaluate', ...args, '--quiet', '--split', 'all']);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/have one class; read it with --multi-label/) as string,
    });
  });
});
