import type { RangeTest } from '@fixres/runner';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { lrPicture } from './lr-picture.ts';
import { lrText } from './lr-text.ts';

const found: RangeTest = {
  arm: 'small',
  from: 1e-7,
  to: 10,
  updates: 20,
  points: Array.from({ length: 12 }, (_, i) => ({
    learningRate: 1e-7 * 10 ** (i / 2.5),
    loss: 2 - i / 10,
    smoothed: 2 - i / 20,
  })),
  diverged: true,
  suggestion: 3.16e-4,
};

describe('the result of fixres lr', () => {
  it('names the suggestion, and where the loss diverged', () => {
    const text = lrText(found, 'lr.svg').split('\n');
    expect(text[0]).toBe(
      'arm small: 12 updates of at most 20, learning rate 1e-7 to 10; then the loss diverged at 2.51e-3',
    );
    expect(text[1]).toMatch(/^loss \S+ 2.000 to 1.450 at best, smoothed$/);
    expect(text.slice(2)).toEqual([
      'Suggested learning rate: 3.16e-4, where the smoothed loss falls most steeply.',
      'Picture: lr.svg',
    ]);
    const none = lrText({ ...found, points: [], suggestion: null, diverged: false }, undefined);
    expect(none).toContain('The losses suggest no learning rate');
  });

  it('is drawn as a picture that can be rendered, with or without a suggestion', async () => {
    const { svg, width, height } = lrPicture(found);
    expect(svg).toContain('steepest at 3.16e-4');
    const { info } = await sharp(Buffer.from(svg)).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([width, height]);
    const none = lrPicture({ ...found, points: [], suggestion: null }).svg;
    expect(none).not.toMatch(/NaN|Infinity|steepest/);
  });
});
