import { useEngine } from '@fixres/engine';
import '@tensorflow/tfjs-layers';

/**
 * The engines on which every kernel is tested: the native one with its fused kernels, and two that
 * run the composed ops.
 */
export const engines = ['tensorflow', 'wasm', 'cpu'] as const;

/** Makes an engine the active one. */
export async function setEngine(engine: (typeof engines)[number]): Promise<void> {
  await useEngine({ engine });
}
