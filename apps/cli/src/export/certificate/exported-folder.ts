import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PreprocessingContract, parsePreprocessingContract } from '@fixres/data';
import { isJsonObject, parseModelCard } from '@fixres/models';
import { ExitError, exitCodes } from '../../command-line/exit-error.ts';
import type { ExportedInterface } from '../export-format.ts';
import type { ExportCertificate } from './certificate.ts';
import { CERTIFICATE, contentOf } from './certify-export.ts';

/** The file of classes and preprocessing, beside an export. */
const CARD = 'fixres.json';

/** What an export's certificate may state about it. */
const statements: {
  [Field in 'input' | 'layout' | 'precision' | 'output']: readonly ExportedInterface[Field][];
} = {
  input: ['bytes', 'levels', 'resized', 'prepared'],
  layout: ['NHWC', 'NCHW'],
  precision: ['float32', 'float16', 'int8'],
  output: ['probabilities', 'logits'],
};

/** Reads the certificate of an export. @throws ExitError if it is missing or damaged */
export async function readCertificate(folder: string): Promise<ExportCertificate> {
  const certificate = await readJson(folder, CERTIFICATE);
  const problem = problemOf(certificate);
  if (problem !== undefined) throw damaged(folder, `${CERTIFICATE} ${problem}`);
  return certificate as ExportCertificate;
}

/** The preprocessing of an export. @throws ExitError if it is missing or damaged */
export async function readContract(folder: string): Promise<PreprocessingContract> {
  const card = await readJson(folder, CARD);
  try {
    return parsePreprocessingContract(parseModelCard(card, CARD).contract);
  } catch (cause) {
    throw damaged(folder, `${CARD}: ${(cause as Error).message.replace(/\.$/, '')}`);
  }
}

/** SHA-256 of the files of an export. @throws ExitError if one is missing */
export async function checksumOf(folder: string, { files }: ExportedInterface): Promise<string> {
  try {
    return (await contentOf(folder, { files })).sha256;
  } catch (cause) {
    throw unread(folder, files.join(' or '), cause);
  }
}

async function readJson(folder: string, file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(join(folder, file), 'utf8');
  } catch (cause) {
    throw unread(folder, file, cause);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The message of the parser may quote several lines of the file.
    throw damaged(folder, `${file} is not JSON`);
  }
}

/** What is wrong with a certificate, if anything is. */
function problemOf(certificate: unknown): string | undefined {
  if (!isJsonObject(certificate)) return 'is not an object';
  const { version, format, exported, images } = certificate;
  if (version !== 1) return `has version ${JSON.stringify(version)}; allowed is 1`;
  if (typeof format !== 'string') return 'has no format';
  if (!isJsonObject(exported)) return 'has an exported that is not an object';
  const { files, bytes, sha256 } = exported;
  if (!Array.isArray(files) || files.length === 0 || !files.every(isFileName))
    return 'has an exported.files that is not a list of file names';
  if (typeof bytes !== 'number') return 'has an exported.bytes that is not a number';
  if (typeof sha256 !== 'string') return 'has an exported.sha256 that is not a text';
  for (const [field, allowed] of Object.entries(statements)) {
    const value = exported[field];
    if (!(allowed as readonly unknown[]).includes(value))
      return `has exported.${field} ${JSON.stringify(value)}; allowed are ${allowed.join(', ')}`;
  }
  if (images === null) return undefined;
  if (!isJsonObject(images)) return 'has an images that is neither an object nor null';
  const { source, reading, name, count } = images;
  if (typeof source !== 'string') return 'has an images.source that is not a text';
  if (!isJsonObject(reading)) return 'has an images.reading that is not an object';
  const { maxMegapixels = 1 } = reading;
  if (typeof maxMegapixels !== 'number' || !(maxMegapixels > 0))
    return 'has an images.reading.maxMegapixels that is not a number above 0';
  if (typeof name !== 'string') return 'has an images.name that is not a text';
  return typeof count === 'number' ? undefined : 'has an images.count that is not a number';
}

/** Whether a value names a file in the folder itself. */
function isFileName(value: unknown): boolean {
  return typeof value === 'string' && /^[^/\\\0]+$/.test(value) && !/^\.\.?$/.test(value);
}

/** The error for a file that is missing; all others, such as missing permissions, name the file. */
function unread(folder: string, file: string, cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR'
    ? damaged(folder, `${file} is missing`)
    : cause;
}

function damaged(folder: string, why: string): ExitError {
  return new ExitError(exitCodes.usage, `error: "${folder}" is damaged: ${why}.`);
}
