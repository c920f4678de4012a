import type { ImageSize, InputScalingName, JpegDecoding } from '@fixres/data';
import type { EngineOptions } from '../run/engine-options.ts';

/** Options of `fixres import keras`, as the command line gives them. */
export interface ImportKerasOptions extends EngineOptions {
  arch?: string;
  out: string;
  classes?: number;
  classNames?: string;
  width?: number;
  alpha?: number;
  imageSize?: ImageSize;
  testPolicy: string;
  trainSize?: ImageSize;
  decode?: JpegDecoding;
  scaling?: InputScalingName;
  newClassifier?: boolean;
  multiLabel?: boolean;
  dropPath?: boolean;
  rename?: Record<string, string>;
  weightsFile?: string;
  json?: boolean;
  quiet?: boolean;
}

/** Used if neither the file nor an option states a size. */
export const DEFAULT_SIZE = 224;
