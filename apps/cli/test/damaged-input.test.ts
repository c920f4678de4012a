import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli, suiteFolder } from './run-cli.ts';

const arm =
  '{ name: only, trainPolicy: { policy: resizeFlip, size: 32 }, testPolicy: { policy: resize, size: 32 }, epochs: 1, learningRate: 0.001 }';

describe('input that is truncated or from another program gives one clear line and exit code 2', async () => {
  const cwd = await suiteFolder();

  beforeAll(async () => {
    const tiny =
      '--width 4 --small 32 --large 48 --epochs 1 --finetune-epochs 1 --limit 60 --arms small,fixres --quiet'.split(
        ' ',
      );
    expect((await runCli(['reproduce', 'synthetic', ...tiny, '--out', 'run'], { cwd })).code).toBe(
      0,
    );
    await sharp({ create: { width: 60, height: 50, channels: 3, background: '#c02020' } })
      .png()
      .toFile(join(cwd, 'photo.png'));
    const model = join(cwd, 'run', 'models', 'small-seed0');
    for (const [name, text] of models) {
      await cp(model, join(cwd, name), { recursive: true });
      if (text === undefined) await truncate(join(cwd, name, 'model.json'), 200);
      else await writeFile(join(cwd, name, 'model.json'), text);
      await writeFile(
        join(cwd, `${name}.yaml`),
        `version: 1\ndataset: { source: synthetic, limit: 60 }\nmodel: { folder: ${name} }\narms: [${arm}]\n`,
      );
    }
    await cp(join(cwd, 'run'), join(cwd, 'cut-run'), { recursive: true });
    await truncate(join(cwd, 'cut-run', 'config.json'), 300);
    for (const [name, change] of Object.entries(configs)) {
      await cp(join(cwd, 'run'), join(cwd, name), { recursive: true });
      const file = join(cwd, name, 'config.json');
      await writeFile(
        file,
        JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')) as Config)),
      );
    }
  });

  interface Config {
    dataset: unknown;
    experiment: Record<'arms' | 'evaluations' | 'seeds', unknown>;
  }

  it('resume, for a run that does not record its images', async () => {
    const folder = join(cwd, 'no-images');
    await cp(join(cwd, 'run'), folder, { recursive: true });
    await rm(join(folder, 'summary.json'));
    const [log, config] = [join(folder, 'events.jsonl'), join(folder, 'config.json')];
    const events = (await readFile(log, 'utf8')).trimEnd().split('\n');
    await writeFile(
      log,
      events
        .slice(0, -1)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const { images, ...rest } = JSON.parse(await readFile(config, 'utf8')) as { images: unknown };
    expect(images).toBeDefined();
    await writeFile(config, JSON.stringify(rest));
    const { code, stdout, stderr } = await runCli(['resume', folder, '--quiet']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^error: Run folder ".*no-images" cannot be resumed: its config\.json does not record its images\.\n$/,
    );
  });

  const models = [
    ['cut', undefined],
    ['nothing-in-it', 'null'],
    ['list', '[]'],
    ['odd', '{"userDefinedMetadata":null}'],
  ] as const;

  const configs: Record<string, (config: Config) => unknown> = {
    empty: () => ({ experiment: {} }),
    nothing: () => null,
    text: () => 'experiment',
    'no-arms': ({ experiment, ...rest }) => ({ ...rest, experiment: { ...experiment, arms: [] } }),
    'odd-arms': ({ experiment, ...rest }) => ({
      ...rest,
      experiment: { ...experiment, arms: [null, { name: 'small' }] },
    }),
    'odd-policies': ({ experiment, ...rest }) => ({
      ...rest,
      experiment: { ...experiment, evaluations: ['resize'] },
    }),
    'no-seeds': ({ experiment, ...rest }) => ({ ...rest, experiment: { ...experiment, seeds: 3 } }),
    'no-data': ({ experiment }) => ({ experiment }),
  };

  it.each([
    ...models.map(([model]) => `finetune ${model} synthetic --image-size 32 --out out`),
    'run cut.yaml --out out',
    'predict cut photo.png --image-size 32 --test-policy resize',
    'describe cut --image-size 32',
    'predict cut-run photo.png',
    'describe cut-run',
    'finetune cut-run synthetic --image-size 32 --out out',
    'evaluate cut-run synthetic --arm fixres',
    ...['cut-run', ...Object.keys(configs)].flatMap((run) => [
      `compare ${run} run`,
      `report ${run} --no-images --out report.html`,
    ]),
  ])('%s', async (line) => {
    const { code, stdout, stderr } = await runCli(line.split(' '), { cwd });
    const lines = stderr
      .trimEnd()
      .split('\n')
      .filter((line) => !/^(Engine|Images|Data): /.test(line));
    expect({ code, stdout, lines }).toEqual({
      code: 2,
      stdout: '',
      lines: [
        expect.stringMatching(/^error: .*(damaged|is not JSON|model\.json|no modelTopology)/),
      ],
    });
    expect(stderr).not.toMatch(/defect|TypeError|undefined|\n +at /);
    expect(await readdir(cwd)).not.toContain('out');
  });
});
