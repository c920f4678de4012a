import type { ModelStep } from './model-steps.ts';

/** Whether a step has weights that train now. */
function trains({ layer, trainable }: ModelStep): boolean {
  return trainable && layer.trainableWeights.length > 0;
}

/**
 * The steps that the gradient comes to, as the model is now: those whose weights train, and those that have such a one below them. Below
 * these nothing is differentiated.
 */
export function gradientPath(steps: readonly ModelStep[]): Set<ModelStep> {
  const path = new Set<ModelStep>();
  for (const step of steps) if (trains(step) || leadsDown(step, path)) path.add(step);
  return path;
}

/**
 * How often the gradient takes a step's multiply-adds again: once for its weights if they train, and once for its inputs if something
 * below it trains. 0 to 2.
 */
export function gradientPasses(step: ModelStep, path: ReadonlySet<ModelStep>): number {
  return Number(trains(step)) + Number(leadsDown(step, path));
}

function leadsDown({ inputs }: ModelStep, path: ReadonlySet<ModelStep>): boolean {
  return inputs.some((input) => path.has(input.step));
}
