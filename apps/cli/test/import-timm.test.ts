import { access, copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { softmax } from '../../../packages/models/test/support/softmax.ts';
import { torchFixture } from '../../../packages/models/test/support/torch-networks.ts';
import { ownProbabilities } from '../src/import-model/own-probabilities.ts';
import { onFastestEngine, runCli, temporaryFolder } from './run-cli.ts';

onFastestEngine();

/** A narrow ResNet-18 as timm saves it; see packages/models/scripts/make-torch-network-fixtures.py. */
const fixture = (name: string): string =>
  fileURLToPath(
    new URL(`../../../packages/models/test/fixtures/torch-networks/${name}`, import.meta.url),
  );

interface Imported {
  arch: string;
  classes: number;
  contract: { resize: unknown; interpolation: string; normalisation: unknown };
}

describe('fixres import timm', () => {
  it('predicts for a photo what timm does with its transform', async () => {
    const out = join(await temporaryFolder(), 'model');
    const { stdout, stderr } = await runCli([
      ...['import', 'timm', fixture('model.safetensors'), '--out', out],
    ]);
    expect({ stdout, stderr }).toEqual({
      stdout: `${out}: resnet18 with 5 classes, 107 tensors, used at 64 pixels\n`,
      stderr: '',
    });
    const predicted = await runCli(['predict', out, fixture('photo.png'), '--json', '--quiet']);
    const [{ probabilities, top }] = (
      JSON.parse(predicted.stdout) as {
        predictions: [{ probabilities: number[]; top: { label: string }[] }];
      }
    ).predictions;
    expect(probabilities).toEqual(
      torchFixture().transformed.map((p) => expect.closeTo(p, 5) as number),
    );
    // label_names of config.json.
    expect(top[0]!.label).toBe('aster');
  });

  it('ends in a sigmoid with --multi-label', async () => {
    const out = join(await temporaryFolder(), 'model');
    const imported = await runCli([
      ...['import', 'timm', fixture('model.safetensors'), '--multi-label', '--out', out, '--json'],
    ]);
    const { contract } = JSON.parse(imported.stdout) as Imported & { contract: { head: unknown } };
    expect(contract.head).toEqual({ activation: 'sigmoid', thresholds: [0.5, 0.5, 0.5, 0.5, 0.5] });
    expect(imported.stderr).toBe(`${ownProbabilities}\n`);
    const predicted = await runCli(['predict', out, fixture('photo.png'), '--json', '--quiet']);
    const [{ probabilities }] = (
      JSON.parse(predicted.stdout) as { predictions: [{ probabilities: number[] }] }
    ).predictions;
    // The fixture has timm's softmax, in which a number added to all logits does not show.
    expect(softmax(probabilities.map((p) => Math.log(p / (1 - p))))).toEqual(
      torchFixture().transformed.map((p) => expect.closeTo(p, 5) as number),
    );
  });

  it('without a configuration, takes the settings of torchvision and says so', async () => {
    const folder = await temporaryFolder();
    await copyFile(fixture('model.safetensors'), join(folder, 'model.safetensors'));
    // Other libraries use the same name.
    await writeFile(join(folder, 'config.json'), '{"architectures": ["BertModel"]}');
    const { stdout, stderr } = await runCli([
      ...['import', 'timm', join(folder, 'model.safetensors'), '--out', join(folder, 'model')],
      ...['--new-classifier', '--classes', '3', '--image-size', '96', '--json'],
    ]);
    expect(stderr).toBe(
      "There is no config.json of timm, so ImageNet's mean and standard deviation and a centre crop of 0.875 with bilinear resampling are taken. --config states others.\n",
    );
    const { arch, classes, contract } = JSON.parse(stdout) as Imported;
    expect({ arch, classes }).toEqual({ arch: 'resnet', classes: 3 });
    expect(contract).toMatchObject({
      resize: { rule: 'short-side', side: 109 },
      interpolation: 'bilinear',
      normalisation: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    });
  });

  it("fills borders with the configuration's mean, and resamples bicubically without a setting", async () => {
    const folder = await temporaryFolder();
    const config = join(folder, 'config.json');
    const settings = { mean: [0.5, 0.5, 0.2], std: [0.5, 0.5, 0.5], crop_mode: 'border' };
    const imported = (): ReturnType<typeof runCli> =>
      runCli([
        ...['import', 'timm', fixture('model.safetensors'), '--config', config],
        ...['--out', join(folder, 'model'), '--json', '--quiet'],
      ]);
    await writeFile(config, JSON.stringify({ architecture: 'resnet18', pretrained_cfg: settings }));
    // Its depths are those of resnet18, but not its widths.
    expect((await imported()).stderr).toContain('not of resnet18');
    const published = JSON.parse(await readFile(fixture('config.json'), 'utf8')) as object;
    await writeFile(config, JSON.stringify({ ...published, pretrained_cfg: settings }));
    const { contract } = JSON.parse((await imported()).stdout) as Imported;
    expect(contract).toMatchObject({
      resize: { rule: 'long-side' },
      crop: { pad: [128, 128, 51] },
      interpolation: 'bicubic',
    });
  });

  it.each<[string[], string]>([
    [['--arch', 'resnet18'], 'are those of a ResNet of other depths or widths, not of resnet18.'],
    [['--classes', '7'], 'The classifier of the file has 5 classes; 7 were given'],
    [['--config', 'missing.json'], 'Option --config is "missing.json", which does not exist.'],
    [['--config', fixture('photo.png')], 'photo.png", which cannot be read as JSON: '],
  ])('with %j is refused in one line, and nothing is written', async (options, message) => {
    const out = join(await temporaryFolder(), 'model');
    const { code, stderr } = await runCli([
      ...['import', 'timm', fixture('model.safetensors'), '--out', out, ...options],
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    await expect(access(out)).rejects.toThrow('ENOENT');
  });

  it('refuses a file that is cut off, and a folder', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'cut.safetensors');
    await writeFile(file, (await readFile(fixture('model.safetensors'))).subarray(0, 40_000));
    for (const [path, message] of [
      [file, 'is not a safetensors file: its tensors end at byte 47322, but it has 40000.'],
      [folder, 'cannot be read: '],
      [join(folder, 'missing'), 'does not exist.'],
    ] as const) {
      const { code, stderr } = await runCli(['import', 'timm', path, '--out', join(folder, 'x')]);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining(message) as string,
      });
    }
  });
});
