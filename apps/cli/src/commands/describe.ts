import { type ImageSize, imageSizeOf } from '@fixres/data';
import { existsSync } from 'node:fs';
import { useEngine } from '@fixres/engine';
import { createModel, isModelName, modelFactories } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { descriptionText } from '../describe/description-text.ts';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { openModel } from '@fixres/runner/node';
import { describeAtSize } from '../options/describe-at-size.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres describe`, as the command line gives them. */
export interface DescribeOptions {
  imageSize?: ImageSize;
  width?: number;
  classes: number;
  arm?: string;
  seed?: number;
  layers?: boolean;
  json?: boolean;
}

/** The image size that most published numbers are for. */
const USUAL_SIZE = 224;

/** Prints the size and cost of a model. */
export async function describeCommand(place: string, options: DescribeOptions): Promise<void> {
  // Nothing runs; the engine only stores the weights.
  await useEngine({ engine: 'cpu' });
  const { model, size } = await modelAt(place, options);
  try {
    const description = describeAtSize(model, size);
    new Terminal().result(
      options.json
        ? JSON.stringify(description)
        : descriptionText(description, { layers: options.layers ?? false }),
    );
  } finally {
    model.dispose();
  }
}

async function modelAt(
  place: string,
  { imageSize: size, width, classes, arm, seed }: DescribeOptions,
): Promise<{ model: LayersModel; size: ImageSize | undefined }> {
  if (isModelName(place)) {
    return {
      model: createModel(place, { classes, ...(width !== undefined && { width }) }),
      size: size ?? USUAL_SIZE,
    };
  }
  if (!existsSync(place)) {
    const known = Object.keys(modelFactories).join(', ');
    throw new ExitError(
      exitCodes.usage,
      `error: There is no file "${place}", nor an architecture of this name; there are ${known}.`,
    );
  }
  const { model, contract } = await openModel(place, { arm, seed });
  return { model, size: size ?? (contract && imageSizeOf(contract.input)) };
}
