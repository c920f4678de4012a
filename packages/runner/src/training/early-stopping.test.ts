import { describe, expect, it } from 'vitest';
import { judgeEpoch, restoresBest } from './early-stopping.ts';
import { type ArmSpec, type EarlyStopping, type EpochRecord, noProgress } from '@fixres/runs';

/** Judges epochs with these values of the monitored metric, until training stops. */
function judged(
  values: number[],
  settings?: EarlyStopping,
): { better: boolean[]; best: number; stopped: boolean } {
  const progress = noProgress();
  const better: boolean[] = [];
  for (const [epoch, value] of values.entries()) {
    better.push(
      judgeEpoch(progress, { epoch, loss: value, heldOutAccuracy: value } as EpochRecord, settings),
    );
    if (progress.stopped) break;
  }
  return { better, best: progress.best!.epoch, stopped: progress.stopped };
}

describe('judgeEpoch', () => {
  it('stops after `patience` epochs without improvement', () => {
    expect(judged([0.1, 0.3, 0.2, 0.3, 0.9], { patience: 2 })).toEqual({
      better: [true, true, false, false],
      best: 1,
      stopped: true,
    });
    expect(judged([0.1, 0.3, 0.2, 0.4, 0.4], { patience: 2 })).toMatchObject({
      best: 3,
      stopped: false,
    });
  });

  it('counts a falling loss as better, and changes below minDelta as none', () => {
    expect(judged([2, 1, 1.5, 0.5], { patience: 5, monitor: 'loss' }).better).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(judged([1, 0.95, 0.85], { patience: 5, monitor: 'loss', minDelta: 0.1 }).better).toEqual(
      [true, false, true],
    );
  });

  it('only finds the best epoch without settings', () => {
    expect(judged([0.5, ...new Array<number>(50).fill(0.4)])).toMatchObject({
      best: 0,
      stopped: false,
    });
  });
});

describe('restoresBest', () => {
  it('is true with early stopping, unless restoreBest is false', () => {
    const best = { epoch: 0, value: 1 };
    const arm = (earlyStopping?: EarlyStopping): ArmSpec => ({ earlyStopping }) as ArmSpec;
    expect(restoresBest(arm({ patience: 1 }), best)).toBe(true);
    expect(restoresBest(arm({ patience: 1, restoreBest: false }), best)).toBe(false);
    expect(restoresBest(arm(), best)).toBe(false);
    expect(restoresBest(arm({ patience: 1 }), null)).toBe(false);
  });
});
