import { join } from 'node:path';
import { useEngine } from '@fixres/engine';
import { createModel, type ModelDescription } from '@fixres/models';
import { saveModelFolder } from '@fixres/models/node';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

describe('fixres describe', () => {
  it('prints the size and cost of an architecture', async () => {
    const { code, stdout, stderr } = await runCli(['describe', 'mobilenetv2', '--layers']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mobilenetv2, 224 x 224 x 3\n/);
    expect(stdout).toMatch(/^all +156 +3,538,984 +300\.8 M +\S+ MB +\S+ MB$/m);
    expect(stdout).toMatch(/^block_1_pad +ZeroPadding2D +113 x 113 x 96 /m);
    expect(stdout).toContain('3,504,872 of 3,538,984 parameters train.');
  });

  it('accepts image size, width and classes, and prints JSON', async () => {
    const { code, stdout } = await runCli([
      'describe',
      'resnet14v2',
      '--image-size',
      '64',
      '--width',
      '16',
      '--classes',
      '5',
      '--json',
    ]);
    expect(code).toBe(0);
    const description = JSON.parse(stdout) as ModelDescription;
    expect(description).toMatchObject({
      name: 'resnet14v2',
      inputShapes: [[64, 64, 3]],
      unknownLayers: [],
    });
    expect(description.layers.at(-1)).toMatchObject({
      path: 'predictions',
      parameters: 512 * 5 + 5,
      multiplyAdds: 512 * 5,
    });
    expect(description.groups.map(({ name }) => name)).toContain('final-norm');
  });

  it('opens model folders, and requires a size if neither the model nor its contract has one', async () => {
    await useEngine({ engine: 'cpu' });
    const folder = await temporaryFolder();
    const model = createModel('resnet14v2', { width: 4, classes: 3 });
    await saveModelFolder(model, join(folder, 'open'), { version: 1 });
    model.dispose();
    const sized = await runCli(['describe', join(folder, 'open'), '--image-size', '96', '--json']);
    expect(JSON.parse(sized.stdout)).toMatchObject({ inputShapes: [[96, 96, 3]] });
    expect(await runCli(['describe', join(folder, 'open')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('size') as string,
    });
  });

  it('lists the known names for an unknown one', async () => {
    const { code, stdout, stderr } = await runCli(['describe', 'resnet51v2']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^error: There is no file "resnet51v2", nor an architecture.*resnet50v2.*mobilenetv2\.\n$/,
    );
  });
});
