import { join, resolve } from 'node:path';
import { FixresDataError } from '@fixres/data';
import { type ImageDataset, ImageLoader } from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';
import { imageLimitsOf, openRecordedDataset, resolveDataset } from '@fixres/runner/node';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import type { ExportCertificate } from '../export/certificate/certificate.ts';
import { certificateText } from '../export/certificate/certificate-text.ts';
import { CERTIFICATE } from '../export/certificate/certify-export.ts';
import {
  checksumOf,
  readCertificate,
  readContract,
} from '../export/certificate/exported-folder.ts';
import { failureOf } from '../export/certificate/failure-of.ts';
import { readReference } from '../export/certificate/reference.ts';
import { placeOf, readingIn } from '../export/certificate/relative-place.ts';
import { runExported } from '../export/certificate/run-exported.ts';
import { exportFormats } from '../export/export-formats.ts';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres verify`, as the command line gives them. */
export interface VerifyOptions extends DatasetOptions {
  /** Default: the data set of the certificate. */
  data?: string;
  batchSize: number;
  json?: boolean;
  quiet?: boolean;
}

/** Repeats the comparison of an export's certificate, with the model's stored predictions. */
export async function verifyExport(folder: string, options: VerifyOptions): Promise<void> {
  const terminal = new Terminal({ quiet: options.quiet });
  const certificate = await interruptible(
    (signal) => verified(folder, options, terminal, signal),
    () => 'Interrupted.',
  );
  terminal.result(options.json ? JSON.stringify(certificate) : certificateText(certificate));
  const failure = failureOf(certificate.verification);
  if (failure !== undefined)
    throw new ExitError(exitCodes.failed, `error: "${folder}" is ${failure}.`);
}

async function verified(
  folder: string,
  options: VerifyOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExportCertificate> {
  const certificate = await readCertificate(folder);
  const { exported, images, format } = certificate;
  const open = (await exportFormats.get(format)?.load())?.open;
  if (open === undefined) throw unverifiable(folder, `no format is named "${format}"`);
  if (typeof open === 'string') throw unverifiable(folder, open);
  if (images === null) throw unverifiable(folder, 'it has no images; export again with --data');
  if ((await checksumOf(folder, exported)) !== exported.sha256)
    throw new ExitError(
      exitCodes.failed,
      `error: "${folder}" has changed: its SHA-256 is not that of ${CERTIFICATE}.`,
    );
  const contract = await readContract(folder);
  const reference = await readReference(folder, contract.head?.thresholds);
  const on = listenersOf(terminal);
  const given = await datasetReading(options);
  const source = placeOf(folder, images.source);
  const reading =
    options.data === undefined ? readingIn(images.reading, (path) => placeOf(folder, path)) : given;
  const dataset =
    options.data === undefined
      ? await openRecordedDataset(defaultCacheFolder())(
          { dataset: { source, ...reading } },
          resolve(folder),
        ).catch((error: unknown) => {
          if (!(error instanceof FixresDataError)) throw error;
          // The certificate has an address without the signature that it may need.
          if (error.code === 'download-failed')
            throw unverifiable(
              folder,
              `${error.message.replace(/\.$/, '')}; give its images with --data`,
            );
          if (error.code !== 'not-found') throw error;
          throw unverifiable(
            folder,
            `its images "${source}" are not on this machine; give them with --data`,
          );
        })
      : await resolveDataset(options.data, {
          cacheFolder: defaultCacheFolder(),
          reading,
          on,
          signal,
        });
  const loader = new ImageLoader({ limits: imageLimitsOf(reading), decode: contract.decode });
  try {
    const verification = await runExported(join(folder, exported.files[0]!), {
      exported,
      open,
      examples: examplesById(dataset, reference.ids),
      reference: reference.predictions,
      contract,
      loader,
      batchSize: options.batchSize,
      on,
      signal,
    });
    return { ...certificate, verification };
  } finally {
    await loader.close();
  }
}

function unverifiable(folder: string, why: string): ExitError {
  return new ExitError(exitCodes.usage, `error: "${folder}" cannot be verified: ${why}.`);
}

/** @throws ExitError naming the first image that the data set does not have */
function examplesById(
  { name, examples }: ImageDataset,
  ids: readonly string[],
): ImageDataset['examples'] {
  const byId = new Map(examples.map((example) => [example.id, example]));
  return ids.map((id) => {
    const example = byId.get(id);
    if (example) return example;
    throw new ExitError(
      exitCodes.usage,
      `error: The data set "${name}" has no image "${id}", which the certificate names; give the same images with --data.`,
    );
  });
}
