import { parsePolicy, randomResizedCrop, resize, withAugment } from '@fixres/data';
import { learningRateAt, parseSchedule, scaledSchedule } from '@fixres/finetune';
import { describe, expect, it } from 'vitest';
import { trainingRecipeNames } from './names.ts';
import { recipeSettings } from './training-recipes.ts';

describe('recipeSettings', () => {
  it('has the published learning rate at the published number of images', () => {
    const at = (name: (typeof trainingRecipeNames)[number], updateImages: number): number =>
      recipeSettings(name, { epochs: 100, updateImages }).settings.schedule.rate;
    expect(at('resnet-strikes-back-a3', 2048)).toBe(8e-3);
    expect(at('deit3', 2048)).toBe(4e-3);
    expect(at('keras', 128)).toBe(0.05);
    // A sixteenth of the images: a quarter of LAMB's rate, a sixteenth of SGD's.
    expect(at('resnet-strikes-back-a3', 128)).toBe(2e-3);
    expect(at('keras', 8)).toBe(0.00313);
  });

  it.each(trainingRecipeNames)(
    'has valid augmentations, and a schedule that rises and falls to 0: %s',
    (name) => {
      const { settings, augment } = recipeSettings(name, { epochs: 20, updateImages: 32 });
      const { schedule } = settings;
      for (const policy of [randomResizedCrop(64), resize(64)])
        parsePolicy(withAugment(policy, augment));
      parseSchedule(schedule);
      const rates = Array.from({ length: 200 }, (_, step) =>
        learningRateAt(scaledSchedule(schedule, 32), { step, stepsPerEpoch: 10, epochs: 20 }),
      );
      expect(rates[0]).toBe(0);
      expect(Math.max(...rates)).toBeCloseTo(schedule.rate, 4);
      expect(rates.at(-1)!).toBeLessThan(schedule.rate / 1000);
    },
  );
});
