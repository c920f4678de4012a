import * as tf from '@tensorflow/tfjs-core';
import type { RunEvent } from '@fixres/runs';
import type { MemoryMeter } from './memory-meter.ts';

type MemoryNow = Pick<
  Extract<RunEvent, { type: 'progress' }>,
  'rssMb' | 'tensors' | 'tensorMb' | 'deviceMb'
>;

/** Memory fields of progress events. */
export function memoryNow(meter: MemoryMeter): MemoryNow {
  const { numTensors, numBytes } = tf.memory();
  const deviceMb = meter.deviceMb?.();
  return {
    rssMb: meter.nowMb(),
    tensors: numTensors,
    tensorMb: numBytes / 1e6,
    ...(deviceMb === undefined ? {} : { deviceMb }),
  };
}
