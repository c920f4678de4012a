import { join } from 'node:path';
import { imageSizeText } from '@fixres/data';
import { parseEvents, type Summary } from '@fixres/runs';
import { policyAt } from '@fixres/runs/report';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../src/evaluate/evaluation-record.ts';
import type { PlanJson } from '../src/plan/plan-json.ts';
import { runCli, suiteFolder } from './run-cli.ts';
import { writeTinyPhotos } from './tiny-experiment.ts';

async function succeeds(words: string, ...more: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli([...words.split(' '), ...more, '--quiet']);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('images that are higher than wide', async () => {
  const folder = await suiteFolder();
  const [photos, trained, tuned] = ['photos', 'trained', 'tuned'].map((name) =>
    join(folder, name),
  ) as [string, string, string];

  beforeAll(async () => {
    await writeTinyPhotos(folder, 5);
    await succeeds(
      'train',
      photos,
      ...'--model resnet14v2 --width 4 --image-size 48x32 --epochs 1 --batch-size 4'.split(' '),
      ...['--engine', 'wasm', '--out', trained],
    );
    await succeeds(
      'finetune',
      trained,
      photos,
      ...'--image-size 72x48 --epochs 1 --batch-size 4 --engine wasm'.split(' '),
      ...['--out', tuned],
    );
  });

  it('train and fine-tune a model, whose files and tables name height x width', async () => {
    const { arms } = JSON.parse(await readFile(join(tuned, 'summary.json'), 'utf8')) as Summary;
    expect(
      arms.map(({ name, trainSize, evaluations }) => [
        name,
        imageSizeText(trainSize),
        ...evaluations.map(policyAt),
      ]),
    ).toEqual([
      ['given', '72x48', 'resize@48x32', 'fixresTest@72x48'],
      ['finetuned', '72x48', 'resize@48x32', 'fixresTest@72x48'],
    ]);
    const events = parseEvents(await readFile(join(tuned, 'events.jsonl'), 'utf8'));
    expect(events.find(({ type }) => type === 'evaluation')).toMatchObject({
      size: { height: 48, width: 32 },
    });
    const config = JSON.parse(await readFile(join(tuned, 'config.json'), 'utf8')) as {
      command: string;
    };
    expect(config.command).toContain(' --image-size 72x48 ');
    expect(await succeeds('report', tuned, '--out', join(folder, 'report.html'))).not.toContain(
      'object',
    );
    const report = await readFile(join(folder, 'report.html'), 'utf8');
    expect(report).toContain('fixresTest@72x48');
    expect(report).not.toContain('[object');
  });

  it('are evaluated at several shapes, and planned', async () => {
    const { evaluations } = JSON.parse(
      await succeeds('evaluate', tuned, photos, '--sizes', '32x48,40,72x48', '--json'),
    ) as EvaluationReport;
    expect(evaluations.map(({ size }) => size)).toEqual([
      { height: 32, width: 48 },
      40,
      { height: 72, width: 48 },
    ]);
    const [small, , large] = evaluations.map(({ multiplyAdds }) => multiplyAdds);
    expect(large! / small!).toBeCloseTo((72 * 48) / (32 * 48), 0);
    const plan = JSON.parse(
      await succeeds('plan', photos, '--train-size', '48x32', '--json'),
    ) as PlanJson;
    expect(plan.trainSize).toEqual({ height: 48, width: 32 });
    // Random crops of 3:4 to 4:3, stretched to 3:2.
    expect(plan.candidates[0]).toMatchObject({
      policy: 'resize',
      cropSize: { height: 48, width: 32 },
    });
  });
});
