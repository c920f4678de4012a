import { fixresExperiment, fixresPresets } from '@fixres/runs';
import { samplePhotos } from '@fixres/testing';
import { expect, it } from 'vitest';
import { plannedExperiment } from './planned-experiment.ts';
import type { SessionPlan } from './session-plan.ts';

/** A plan whose arms have these class weights. */
function planWith(classWeights: 'balanced' | number[]): SessionPlan {
  const { arms, ...rest } = fixresExperiment(fixresPresets.quick);
  const experiment = { ...rest, arms: arms.map((arm) => ({ ...arm, classWeights })) };
  return {
    dataset: { source: samplePhotos },
    experiment: () => Promise.resolve(experiment),
  } as unknown as SessionPlan;
}

it('compares the number of class weights with the classes of the data set', async () => {
  const { planned, open } = await plannedExperiment(planWith('balanced'));
  const { classNames } = await open();
  const one = classNames.map(() => 1);
  await expect(plannedExperiment(planWith(one))).resolves.toMatchObject({
    planned: { arms: planned.arms.map(() => ({ classWeights: one })) },
  });
  await expect(plannedExperiment(planWith([1, 2]))).rejects.toThrow(
    `Arm "small" has 2 classWeights; it must be one for each of the ${classNames.length} classes, or "balanced".`,
  );
});
