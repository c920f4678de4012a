import { describe, expect, it } from 'vitest';
import type { LiveProgress } from '../../../shared/protocol.ts';
import { liveText } from './live-text.ts';

const live: LiveProgress = {
  arm: 'small',
  phase: 'train',
  epoch: 1,
  epochs: 4,
  step: 5,
  steps: 10,
  etaSeconds: 1,
  imagesPerSecond: 1,
  rssMb: 1,
};

describe('liveText', () => {
  it('distinguishes training and evaluation', () => {
    expect(liveText(live)).toEqual({ text: 'small, epoch 2 of 4', part: 0.375 });
    expect(liveText({ ...live, epoch: 3, phase: 'evaluate' })).toEqual({
      text: 'small, evaluation, batch 5 of 10',
      part: 0.5,
    });
  });

  it.each(['statistics', 'features'])('names what else takes time: %s', (phase) => {
    expect(liveText({ ...live, phase }).text).toBe(`small, ${phase}, batch 5 of 10`);
  });

  it('recognises arms that are only evaluated', () => {
    expect(liveText({ ...live, epoch: -1, epochs: 0, phase: 'evaluate' })).toEqual({
      text: 'small, evaluation, batch 5 of 10',
      part: 0.5,
    });
    expect(liveText({ ...live, epochs: 0, steps: 0, phase: 'evaluate' })).toEqual({
      text: 'small, evaluation',
      part: 0,
    });
  });
});
