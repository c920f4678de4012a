import type { ImageSize } from '@fixres/data';
import type { EngineOptions } from '../run/engine-options.ts';

/** Options of `fixres import timm`, as the command line gives them. */
export interface ImportTimmOptions extends EngineOptions {
  out: string;
  arch?: string;
  config?: string;
  classes?: number;
  classNames?: string;
  newClassifier?: boolean;
  multiLabel?: boolean;
  imageSize?: ImageSize;
  json?: boolean;
  quiet?: boolean;
}
