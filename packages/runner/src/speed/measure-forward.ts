import { imageSizeOf, type Policy } from '@fixres/data';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ImageBatch } from '../images/image-source.ts';
import { imageTensor } from '../images/image-tensor.ts';
import { numbersOf } from '../numbers-of.ts';
import { type MeasurePartOptions, passesOf, secondsSince } from './measure-options.ts';
import { type PartSpeed, partSpeed } from './part-speed.ts';
import { timeBatches } from './time-batches.ts';

/** Measures the evaluation of a model under a policy. */
export async function measureForward(
  model: LayersModel,
  policy: Policy,
  options: MeasurePartOptions,
): Promise<PartSpeed> {
  const { sample, batchSize, seconds, precision, memory, createForward, onWarning } = options;
  const size = imageSizeOf(policy.output);
  const began = performance.now();
  const compiled = createForward?.(model, {
    size,
    batchSizes: [batchSize],
    precision,
    onWarning,
  });
  try {
    const preparedSeconds = secondsSince(began);
    const forward =
      compiled ??
      ((batch: ImageBatch): tf.Tensor =>
        model.apply(imageTensor(batch), { training: false }) as tf.Tensor);
    const times = await timeBatches({
      ...passesOf(sample, policy, options),
      work: (batch) => {
        numbersOf(() => forward(batch));
      },
      seconds,
    });
    const peakRssMb = memory.peakMb();
    return partSpeed(times, { kind: 'evaluate', size, precision, preparedSeconds, peakRssMb });
  } finally {
    compiled?.dispose();
  }
}
