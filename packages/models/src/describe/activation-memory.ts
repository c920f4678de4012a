import { gradientPath } from './gradient-path.ts';
import { layerCost, product } from './layer-costs.ts';
import type { ModelStep } from './model-steps.ts';

const BYTES = 4; // float32

/** The step whose memory contains a step's output. */
function owner(step: ModelStep): ModelStep {
  const [input] = step.inputs;
  return layerCost(step)?.isView === true && input !== undefined ? owner(input.step) : step;
}

/**
 * Memory of the numbers inside a step for one example, in bytes: those of attention, which a forward
 * pass computes and the gradient needs.
 */
export function innerBytes(step: ModelStep): number {
  return BYTES * (layerCost(step)?.keptInside?.(step) ?? 0);
}

/** Memory of a step's outputs for one example, in bytes. */
export function outputBytes(step: ModelStep): number {
  if (owner(step) !== step) return 0;
  return step.outputs.reduce((sum, { shape }) => sum + BYTES * product(shape), 0);
}

/**
 * Peak memory in a forward pass that frees each output after its last use, but never the inputs, and
 * what is inside a step when its output is ready.
 */
export function inferencePeak(steps: readonly ModelStep[], outputs: readonly ModelStep[]): number {
  const lastUse = new Map<ModelStep, number>();
  const usedBy = (step: ModelStep): ModelStep[] => [
    ...step.inputs.map((input) => owner(input.step)),
    owner(step),
  ];
  steps.forEach((step, i) => usedBy(step).forEach((used) => lastUse.set(used, i)));
  for (const step of [...outputs, ...steps.filter(({ inputs }) => inputs.length === 0)])
    lastUse.set(owner(step), Infinity);
  let live = 0;
  let peak = 0;
  steps.forEach((step, i) => {
    live += outputBytes(step);
    peak = Math.max(peak, live + innerBytes(step));
    for (const used of new Set(usedBy(step)))
      if (lastUse.get(used) === i) live -= outputBytes(used);
  });
  return peak;
}

/** The steps whose outputs the gradient needs, for the weights that are trainable now. */
export function keptForGradient(steps: readonly ModelStep[]): Set<ModelStep> {
  const kept = new Set<ModelStep>();
  for (const step of gradientPath(steps)) {
    // A layer of an unknown kind counts with everything it may need.
    const keeps = layerCost(step)?.keeps ?? 'both';
    if (keeps === 'input' || keeps === 'both')
      for (const input of step.inputs) kept.add(owner(input.step));
    if (keeps === 'output' || keeps === 'both') kept.add(owner(step));
  }
  return kept;
}
