import { describe, expect, it } from 'vitest';
import { missingTop } from './application-model.ts';

const place = (name: string): { name: string; shape: number[] } => ({ name, shape: [3] });

describe('missingTop', () => {
  it.each([
    ['EfficientNetB0', ['predictions']],
    ['MobileNet', ['conv_preds']],
    ['MobileNetV3Small', ['conv_2', 'logits']],
    ['VGG16', ['fc1', 'fc2', 'predictions']],
  ])('finds that of %s', async (arch, layers) => {
    const missing = layers.flatMap((layer) => [place(`${layer}/kernel`), place(`${layer}/bias`)]);
    const mismatches = { missing, unexpected: [], wrongShape: [] };
    const top = (changed: object): Promise<string[]> =>
      missingTop({ ...mismatches, ...changed }, arch);
    expect(await top({})).toEqual(layers);
    expect(await top({ unexpected: missing })).toEqual([]);
    expect(await top({ missing: [] })).toEqual([]);
  });

  it('is none if other weights are missing as well, or the network is another one', async () => {
    const missing = [place('logits/kernel'), place('expanded_conv_project/kernel')];
    const mismatches = { missing, unexpected: [], wrongShape: [] };
    expect(await missingTop(mismatches, 'MobileNetV3Small')).toEqual([]);
    expect(
      await missingTop({ ...mismatches, missing: [place('predictions/kernel')] }, 'ConvNeXtTiny'),
    ).toEqual([]);
  });
});
