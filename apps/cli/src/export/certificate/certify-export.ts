import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contractPolicy, FixresDataError } from '@fixres/data';
import { type Example, ImageLoader } from '@fixres/data/node';
import { FixresModelsError } from '@fixres/models';
import { contractClassifier, evaluate } from '@fixres/runner';
import {
  type FoundModel,
  imageLimitsOf,
  loaderSource,
  type PreparationListeners,
} from '@fixres/runner/node';
import { writeAside } from '@fixres/runs/node';
import type { ExportedInterface, OpenExport } from '../export-format.ts';
import type { ExportCertificate, NotVerified, Verification } from './certificate.ts';
import type { ExportImages } from '../export-images.ts';
import { encodeReference, REFERENCE, type Reference } from './reference.ts';
import { readingIn, relativePlace } from './relative-place.ts';
import { runExported } from './run-exported.ts';
import { multiLabelCount } from './label-sets.ts';

/** The file of a certificate. */
export const CERTIFICATE = 'export.json';

export interface CertifyExportOptions {
  format: string;
  /** A text states why there are none. */
  images: ExportImages | string;
  exported: ExportedInterface;
  /** A text states why it cannot be opened. */
  open: OpenExport | string;
  batchSize: number;
  on: PreparationListeners;
  signal: AbortSignal;
}

/**
 * Runs a written model in the program that it was exported for, and the model itself, on held-out
 * images. Writes the comparison as `export.json` into the folder, and the model's predictions as
 * `reference.json`.
 */
export async function certifyExport(
  folder: string,
  opened: FoundModel,
  options: CertifyExportOptions,
): Promise<ExportCertificate> {
  const { format, images, exported, open } = options;
  let reference: Reference | undefined;
  let verification: Verification | NotVerified;
  if (typeof images === 'string') verification = { verdict: 'not verified', reason: images };
  else if (typeof open === 'string') verification = { verdict: 'not verified', reason: open };
  else {
    const { heldOut: examples } = images;
    const contract = opened.contract!;
    const loader = new ImageLoader({
      limits: imageLimitsOf(images.reading),
      decode: contract.decode,
    });
    try {
      reference = await predictionsOf(opened, examples, loader, options);
      verification = await runExported(join(folder, exported.files[0]!), {
        ...options,
        open,
        examples,
        reference: reference.predictions,
        contract,
        loader,
      });
    } catch (error) {
      // A model that is no classifier, or an image that cannot be read, does not undo the export.
      if (!(error instanceof FixresModelsError || error instanceof FixresDataError)) throw error;
      verification = { verdict: 'not verified', reason: error.message.replace(/\.$/, '') };
    } finally {
      await loader.close();
    }
  }
  const { run } = opened;
  const certificate: ExportCertificate = {
    version: 1,
    format,
    exported: { ...exported, ...(await contentOf(folder, exported)) },
    model: {
      path: relativePlace(folder, opened.folder),
      arm: run?.arm.name ?? null,
      seed: run?.seed ?? null,
    },
    images:
      typeof images === 'string'
        ? null
        : {
            source: relativePlace(folder, images.source),
            reading: readingIn(images.reading, (path) => relativePlace(folder, path)),
            name: images.name,
            count: images.heldOut.length,
          },
    verification,
  };
  if (reference !== undefined)
    await writeAside(join(folder, REFERENCE), encodeReference(reference));
  await writeAside(join(folder, CERTIFICATE), `${JSON.stringify(certificate, null, 2)}\n`);
  return certificate;
}

/** Size and checksum of the files of an export. */
export async function contentOf(
  folder: string,
  { files }: Pick<ExportedInterface, 'files'>,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const file of files) {
    const content = await readFile(join(folder, file));
    hash.update(content);
    bytes += content.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** The model's own predictions. */
async function predictionsOf(
  { model, contract }: FoundModel,
  examples: readonly Example[],
  loader: ImageLoader,
  { batchSize, on, signal }: CertifyExportOptions,
): Promise<Reference> {
  const classifier = contractClassifier(model, contract!);
  const predictions = await evaluate(
    classifier,
    loaderSource(loader, examples, multiLabelCount(contract!)),
    {
      policy: contractPolicy(contract!),
      thresholds: contract!.head?.thresholds,
      batchSize,
      signal,
      onBatch: (images) =>
        on.progress?.(`Evaluating the model: ${images} of ${examples.length} images`),
    },
  );
  return { ids: examples.map(({ id }) => id), predictions };
}
