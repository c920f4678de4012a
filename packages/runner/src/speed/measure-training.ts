import { imageSizeOf } from '@fixres/data';
import type { ArmSpec } from '@fixres/runs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { trainingKind } from '../progress/arm-work.ts';
import { startTeacher } from '../arms/start-model.ts';
import { createEagerTrainer } from '../training/trainer-factory.ts';
import { trainingRules } from '../training/training-rules.ts';
import { withArmTraining } from './arm-training.ts';
import { type MeasurePartOptions, passesOf, RATE, secondsSince } from './measure-options.ts';
import { type PartSpeed, partSpeed } from './part-speed.ts';
import { timeBatches } from './time-batches.ts';

/** Measures the training of an arm on images. The weights of the model change. */
export async function measureTraining(
  model: LayersModel,
  arm: ArmSpec,
  options: MeasurePartOptions,
): Promise<PartSpeed> {
  const { createTrainer = createEagerTrainer, sample, seconds, precision, memory } = options;
  const began = performance.now();
  // Mixing images, smoothing labels and weighing classes take no measurable time, and the time of an
  // image is the same if its gradient is accumulated.
  const { mix: _1, classWeights: _2, ...rest } = arm;
  const spec: ArmSpec = { ...rest, labelSmoothing: 0, accumulate: 1 };
  const teacher = await startTeacher(arm, options);
  return withArmTraining(model, arm, async (training) => {
    const trainer = await createTrainer({
      ...options,
      ...training,
      model,
      spec,
      rules: {
        ...trainingRules(spec, model, {
          classes: options.classes,
          multiLabel: options.multiLabel,
          images: undefined,
        }),
        teacher,
      },
      size: imageSizeOf(arm.trainPolicy.output),
      seed: 0,
      train: sample,
      signal: options.signal,
    });
    try {
      const preparedSeconds = secondsSince(began);
      const times = await timeBatches({
        ...passesOf(sample, arm.trainPolicy, options),
        work: (batch) => {
          trainer.step(batch, RATE);
        },
        seconds,
      });
      return partSpeed(times, {
        kind: trainingKind(arm),
        size: imageSizeOf(arm.trainPolicy.output),
        precision,
        preparedSeconds,
        peakRssMb: memory.peakMb(),
      });
    } finally {
      trainer.dispose();
    }
  }).finally(() => teacher?.dispose());
}
