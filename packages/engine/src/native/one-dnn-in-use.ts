import { cpuFeatures } from '../machine/cpu.ts';
import { usesOneDnn } from './keep-memory.ts';

/** Whether TensorFlow computes with oneDNN in this process, on the CPU; see {@link usesOneDnn}. */
export function oneDnnInUse(): boolean {
  return usesOneDnn(process.arch, cpuFeatures(), process.env.TF_ENABLE_ONEDNN_OPTS);
}
