import type { PreprocessingContract } from '@fixres/data';
import type { Rescaling } from '@fixres/models';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';

/**
 * The normalisation of a contract as Keras's layer Rescaling; undefined if the model takes levels.
 *
 * @throws ExitError if that layer cannot compute it
 */
export function contractRescaling({
  normalisation,
  channelOrder,
  layout,
}: PreprocessingContract): Rescaling | undefined {
  if (channelOrder === 'bgr' && layout === 'NCHW')
    throw refused('puts blue before red with channels first');
  if (normalisation.kind === 'scale') {
    const { scale, offset } = normalisation;
    return scale === 1 && offset === 0 ? undefined : { scale, offset };
  }
  if (layout === 'NCHW')
    throw refused('normalises each channel with channels first, which the layer Rescaling cannot');
  const { mean, std } = normalisation;
  return {
    scale: std.map((deviation) => 1 / (255 * deviation)),
    offset: std.map((deviation, i) => -mean[i]! / deviation),
  };
}

function refused(why: string): ExitError {
  return new ExitError(
    exitCodes.usage,
    `error: Option --format is keras, but the model's preprocessing ${why}; allowed are onnx, tflite, savedmodel, tfjs, keras-weights.`,
  );
}
