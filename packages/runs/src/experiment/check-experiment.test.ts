import { expect, it } from 'vitest';
import { checkExperiment } from './check-experiment.ts';
import type { Distillation, PlannedArm, PlannedExperiment } from './experiment.ts';
import { fixresExperiment, fixresPresets } from './fixres-experiment.ts';

const experiment = fixresExperiment(fixresPresets.quick);
const distill: Distillation = { teacher: '/teacher', digest: 'a'.repeat(64) };

/** The preset with a teacher for one arm. */
const taught = (name: string): PlannedExperiment => ({
  ...experiment,
  arms: experiment.arms.map((arm): PlannedArm => (arm.name === name ? { ...arm, distill } : arm)),
});

it('checkExperiment refuses a cost that would leave out the compute of a teacher', () => {
  expect(() => checkExperiment(taught('small'))).not.toThrow();
  for (const name of ['vanilla-equal-cost', 'fixres'])
    expect(() => checkExperiment(taught(name))).toThrow(
      `Arm "vanilla-equal-cost" has the cost of "fixres", but "${name}" learns from a teacher (distill), whose compute is not counted; give the arm epochs, or leave it out.`,
    );
});
