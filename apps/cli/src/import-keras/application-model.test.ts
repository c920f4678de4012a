import { applicationConfig } from '@fixres/models/node';
import { describe, expect, it } from 'vitest';
import { missingClassifier } from './application-model.ts';

const shape = [3];
const place = (name: string): { name: string; shape: number[] } => ({ name, shape });

describe('missingClassifier', () => {
  it.each([
    ['EfficientNetB0', 'predictions'],
    ['MobileNet', 'conv_preds'],
    ['MobileNetV3Small', 'logits'],
  ])('finds that of %s', async (name, layer) => {
    const config = await applicationConfig(name, 5);
    const missing = [place(`${layer}/kernel`), place(`${layer}/bias`)];
    const mismatches = { missing, unexpected: [], wrongShape: [] };
    const classifier = (changed: object): string | undefined =>
      missingClassifier({ ...mismatches, ...changed }, config);
    expect(classifier({})).toBe(layer);
    expect(classifier({ unexpected: missing })).toBeUndefined();
    expect(classifier({ missing: [...missing, place('conv1/kernel')] })).toBeUndefined();
    expect(classifier({ missing: [place('conv1/kernel')] })).toBeUndefined();
    expect(classifier({ missing: [] })).toBeUndefined();
  });
});
