import { describe, expect, it } from 'vitest';
import { setEngine } from '../../test/support/engines.ts';
import { mobileNetV2 } from '../architectures/mobilenet-v2.ts';
import { applicationNames } from '../model-names.ts';
import { publishedModels } from './published-models.ts';

describe('publishedModels', () => {
  it('has each set of weights once, with a size and what is published', async () => {
    const models = await publishedModels();
    expect(new Set(models.map(({ url }) => url)).size).toBe(models.length);
    expect(models.map(({ arch }) => arch)).toEqual(expect.arrayContaining([...applicationNames]));
    expect(models.filter(({ hash }) => hash === null).map(({ arch }) => arch)).toEqual([
      ...Array<string>(22).fill('mobilenetv2'),
      'MobileNet',
    ]);
    for (const { imageSize, parameters, top1, top5 } of models) {
      expect(imageSize).toBeGreaterThanOrEqual(96);
      expect(parameters).toBeGreaterThan(1e6);
      if (top1 !== null) expect(top5 ?? 100).toBeGreaterThan(top1);
    }
    expect(models.find(({ arch }) => arch === 'EfficientNetB3')).toMatchObject({
      imageSize: 300,
      parameters: 12_320_535,
      top1: 81.6,
      licence: null,
    });
  });

  it('counts the parameters of MobileNetV2', async () => {
    await setEngine('cpu');
    const model = mobileNetV2({ alpha: 0.35, classes: 1000 });
    const found = (await publishedModels()).filter(({ alpha }) => alpha === 0.35);
    expect(new Set(found.map(({ parameters }) => parameters))).toEqual(
      new Set([model.countParams()]),
    );
    model.dispose();
  });
});
