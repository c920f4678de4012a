import type { ModelStep } from './model-steps.ts';

/** Whether a step has weights that are trainable now. */
function trains({ layer, trainable }: ModelStep): boolean {
  return trainable && layer.trainableWeights.length > 0;
}

/**
 * The steps that the gradient reaches, for the weights that are trainable now: steps with trained
 * weights, and steps with such a step below them. Below these nothing is differentiated.
 */
export function gradientPath(steps: readonly ModelStep[]): Set<ModelStep> {
  const path = new Set<ModelStep>();
  for (const step of steps) if (trains(step) || leadsDown(step, path)) path.add(step);
  return path;
}

/**
 * How many times the gradient repeats a step's multiply-adds: once for its weights if they train,
 * and once for its inputs if something below it trains. 0 to 2.
 */
export function gradientPasses(step: ModelStep, path: ReadonlySet<ModelStep>): number {
  return Number(trains(step)) + Number(leadsDown(step, path));
}

function leadsDown({ inputs }: ModelStep, path: ReadonlySet<ModelStep>): boolean {
  return inputs.some((input) => path.has(input.step));
}
