import type { PreprocessingContract } from '@fixres/data';
import type { ModelCard } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ModelInput } from './prepared-images.ts';

/** A model to export. */
export interface ExportedModel {
  model: LayersModel;
  card: ModelCard;
  /** How its images are prepared, if known. */
  contract?: PreprocessingContract | undefined;
  /** Training images for formats that calibrate; a text states why there are none. */
  calibration: ((layout: 'NHWC' | 'NCHW') => AsyncIterable<ModelInput>) | string;
}

/** What a user chooses about an exported file, if its format supports it. */
export interface FormatChoices {
  /** Order of the axes of its input. */
  layout?: 'NHWC' | 'NCHW';
  /** Whether it takes decoded images of any size, and prepares them itself. */
  withPreprocessing?: boolean;
  /** Whether it takes JPEG and PNG files, and decodes and prepares them itself. */
  withDecoder?: boolean;
  precision?: 'float32' | 'float16' | 'int8';
  /** How many bits of a kernel are used, with `int8`. */
  kernelBits?: 7 | 8;
}

/** What a written model takes and returns. */
export interface ExportedInterface {
  /** Its files, relative to its folder; the first is the one that is opened. */
  files: readonly string[];
  /**
   * `bytes`: files. `levels`: uint8, images of any size. `resized`: float32, levels of images that are
   * resized and cropped. `prepared`: float32, as the contract states.
   */
  input: 'bytes' | 'levels' | 'resized' | 'prepared';
  layout: 'NHWC' | 'NCHW';
  precision: 'float32' | 'float16' | 'int8';
  /** How many bits of a kernel are used, with `int8` in ONNX. */
  kernelBits?: 7 | 8;
  output: 'probabilities' | 'logits';
}

/** An exported model in the program that it was exported for. */
export interface OpenedExport {
  /** Name and version of the program. */
  runtime: { name: string; version: string };
  /**
   * The output for a batch, row by row.
   *
   * @param input levels or the bytes of one file (Uint8Array), or prepared images (Float32Array)
   */
  run(input: ModelInput): Promise<Float32Array>;
  close(): Promise<void>;
}

/** A format of `fixres export`. */
export interface ExportFormat {
  /** Description for the help text. */
  summary: string;
  /** Which of {@link FormatChoices} it supports. */
  choices?: readonly (keyof FormatChoices)[];
  /** Loads the module of the format: help needs only its line. */
  load: () => Promise<FormatModule>;
}

/** Opens a written file; a text states why the program for it cannot be used. */
export type OpenExport = (
  file: string,
  exported: Pick<ExportedInterface, 'input'>,
) => Promise<OpenedExport | string>;

interface FormatModule {
  /**
   * Writes the folder with `fixres.json` in it. The folder appears completely or not at all.
   *
   * @returns what the model takes
   */
  write: (
    folder: string,
    exported: ExportedModel,
    choices: FormatChoices,
  ) => Promise<ExportedInterface>;
  /** Opens its files to verify them; a text states why no program can. */
  open: OpenExport | string;
}
