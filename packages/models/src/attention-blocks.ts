import type { ModelStep } from './describe/model-steps.ts';

/**
 * The blocks of a transformer: 1 for steps from the normalisation before the first attention on,
 * 2 from that before the second one on and so on, 0 for steps before.
 *
 * @param trunk steps in the order of computation
 * @param hasKernel whether a step has kernels
 * @returns undefined for networks without attention, or with more than one kernel before it
 */
export function attentionBlocks(
  trunk: readonly ModelStep[],
  hasKernel: (step: ModelStep) => boolean,
): { blockOf: ReadonlyMap<ModelStep, number>; count: number } | undefined {
  const attentions = trunk.filter(
    ({ layer }) => layer.getClassName() === 'KerasMultiHeadAttention',
  );
  const blockOf = new Map<ModelStep, number>();
  for (const step of trunk) {
    const before = step.inputs.map((input) => blockOf.get(input.step) ?? 0);
    blockOf.set(step, Math.max(0, ...before) + Number(attentions.includes(step)));
  }
  const stem = trunk.filter((step) => blockOf.get(step) === 0 && hasKernel(step));
  if (attentions.length === 0 || stem.length > 1) return undefined;
  for (const attention of attentions) {
    const block = blockOf.get(attention)!;
    for (const { step } of attention.inputs)
      if (step.layer.getClassName().endsWith('Normalization')) blockOf.set(step, block);
  }
  return { blockOf, count: attentions.length };
}
