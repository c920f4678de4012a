import type { GraphNode } from './graph-node.ts';

/** Whether a convolution, or a gradient of one, has NHWC images, and stride and dilation 1 in all directions. */
export function hasPlainSteps({ attributes }: GraphNode): boolean {
  if (attributes.get('data_format')?.value !== 'NHWC') return false;
  return ['strides', 'dilations'].every((name) =>
    ((attributes.get(name)?.value as number[] | undefined) ?? []).every((step) => step === 1),
  );
}
