import { useEngine } from '@fixres/engine';
import { ImageLoader } from '@fixres/data/node';
import { type FoundModel, imageLimitsOf, openModel } from '@fixres/runner/node';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import type { ExportCertificate } from '../export/certificate/certificate.ts';
import { certificateText } from '../export/certificate/certificate-text.ts';
import { certifyExport } from '../export/certificate/certify-export.ts';
import { failureOf } from '../export/certificate/failure-of.ts';
import type { ExportedModel, FormatChoices } from '../export/export-format.ts';
import { type ExportImages, exportImages } from '../export/export-images.ts';
import { preparedImages, type PreparedImagesOptions } from '../export/prepared-images.ts';
import { exportFormats } from '../export/export-formats.ts';
import { writeHubModelCard } from '../export/write-hub-model-card.ts';
import { cannotWrite } from '../files/cannot-write.ts';
import { refuseExisting } from '../files/refuse-existing.ts';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';
import type { EngineOptions } from '../run/engine-options.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres export`, as the command line gives them. */
export interface ExportOptions extends EngineOptions, DatasetOptions, FormatChoices {
  /** One of the names in {@link exportFormats}. */
  format: string;
  out: string;
  arm?: string;
  seed?: number;
  best?: boolean;
  /** Images to verify the export on. Default: those of the model's run. */
  data?: string;
  /** Maximum number of images to verify on. */
  limit: number;
  batchSize: number;
  requireVerified?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** The options that only some formats support, by their names in {@link FormatChoices}. */
const choiceOptions = {
  layout: '--layout',
  withPreprocessing: '--with-preprocessing',
  withDecoder: '--with-decoder',
  precision: '--precision',
  kernelBits: '--kernel-bits',
} as const;

/** Writes a trained model in another program's format, and verifies it there. */
export async function exportModel(place: string, options: ExportOptions): Promise<void> {
  const { format, out, json = false, quiet = false } = options;
  requireChoices(options);
  await refuseExisting(out);
  await useEngine({ engine: options.engine, device: options.device });
  const opened = await openModel(place, options);
  const terminal = new Terminal({ quiet });
  let certificate: ExportCertificate;
  try {
    certificate = await interruptible(
      (signal) => writeAndCertify(opened, options, terminal, signal),
      () => 'Interrupted.',
    );
  } catch (error) {
    throw cannotWrite(out, error);
  } finally {
    opened.model.dispose();
  }
  terminal.line(certificateText(certificate));
  const { verification } = certificate;
  terminal.result(json ? JSON.stringify({ format, out, verification }) : out);
  const failure = failureOf(verification);
  if (options.requireVerified === true && failure !== undefined)
    throw new ExitError(exitCodes.failed, `error: "${out}" is ${failure}.`);
}

async function writeAndCertify(
  opened: FoundModel,
  options: ExportOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExportCertificate> {
  const { format, out, data, limit, batchSize } = options;
  const { write, open } = await exportFormats.get(format)!.load();
  const on = listenersOf(terminal);
  const images =
    typeof open === 'string'
      ? open
      : await exportImages(opened, {
          data,
          reading: await datasetReading(options),
          limit,
          on,
          signal,
        });
  const calibration = calibrationOf(opened, images, { batchSize, signal });
  const exported = await write(out, { ...opened, calibration }, options);
  const certificate = await certifyExport(out, opened, {
    format,
    images,
    exported,
    open,
    batchSize,
    on,
    signal,
  });
  await writeHubModelCard(out, opened, { format, best: options.best ?? false, certificate });
  return certificate;
}

function calibrationOf(
  { contract }: FoundModel,
  images: ExportImages | string,
  options: Pick<PreparedImagesOptions, 'batchSize' | 'signal'>,
): ExportedModel['calibration'] {
  if (typeof images === 'string') return images;
  const { training: examples, reading } = images;
  if (examples.length === 0) return `"${images.name}" has no training images`;
  return async function* calibration(layout) {
    const decode = contract!.decode;
    const loader = new ImageLoader({ limits: imageLimitsOf(reading), decode });
    try {
      yield* preparedImages({ ...options, examples, contract: contract!, loader }, layout);
    } finally {
      await loader.close();
    }
  };
}

/** @throws ExitError for an option that the format or another option does not support */
function requireChoices(options: ExportOptions): void {
  const { choices = [] } = exportFormats.get(options.format)!;
  for (const choice of Object.keys(choiceOptions) as (keyof typeof choiceOptions)[]) {
    if (options[choice] === undefined || choices.includes(choice)) continue;
    const formats = [...exportFormats].flatMap(([name, format]) =>
      format.choices?.includes(choice) ? [name] : [],
    );
    throw new ExitError(
      exitCodes.usage,
      `error: Option ${choiceOptions[choice]} goes with --format ${formats.join(' or ')}; the format is ${options.format}.`,
    );
  }
  if (options.kernelBits !== undefined && options.precision !== 'int8')
    throw new ExitError(
      exitCodes.usage,
      `error: Option --kernel-bits goes with --precision int8; the precision is ${options.precision ?? 'float32'}.`,
    );
  if (options.withPreprocessing && options.withDecoder)
    throw new ExitError(
      exitCodes.usage,
      'error: Options --with-preprocessing and --with-decoder are both given; allowed is one. --with-decoder includes the preprocessing.',
    );
}
