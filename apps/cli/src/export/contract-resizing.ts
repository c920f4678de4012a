import type { PreprocessingContract } from '@fixres/data';
import type { KerasResizing } from '@fixres/models';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';

/**
 * The resize of a contract as Keras's layer Resizing.
 *
 * @throws ExitError without a contract, or if that layer computes something else
 */
export function contractResizing(contract: PreprocessingContract | undefined): KerasResizing {
  if (contract === undefined)
    throw new ExitError(
      exitCodes.usage,
      'error: Option --with-preprocessing needs a model that states its preprocessing; this one has no contract.',
    );
  const { resize, crop, interpolation, antialias, layout } = contract;
  if (resize.rule !== 'both-sides')
    throw refused(
      `sets the ${resize.rule.replace('-', ' ')}, and the layer Resizing of Keras sets both sides`,
    );
  if (crop)
    throw refused('crops after its resize, and the layers of Keras round the window otherwise');
  // Pillow's bicubic keeps levels within 0 and 255.
  if (interpolation !== 'bilinear')
    throw refused(`is ${interpolation}, and Keras does not limit the levels of that`);
  if (layout === 'NCHW') throw refused('puts channels first');
  return { height: resize.height, width: resize.width, antialias };
}

function refused(why: string): ExitError {
  return new ExitError(
    exitCodes.usage,
    `error: Option --with-preprocessing with --format keras needs a bilinear resize of both sides without a crop, and the model's preprocessing ${why}; other formats with the option are onnx and savedmodel.`,
  );
}
