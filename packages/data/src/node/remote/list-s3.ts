import { FixresDataError } from '../../errors.ts';
import { fetchSmall } from './fetch-remote.ts';
import { type RemoteAccess, RemoteFile } from './remote-file.ts';
import { parseS3Address } from './s3-request.ts';

/** One page lists at most 1000 objects of at most 1024 characters, each at most 9 long when encoded. */
const MAX_PAGE_BYTES = 1 << 24;

/**
 * The objects whose keys begin with that of the address, by ListObjectsV2.
 *
 * @param address `s3://bucket/prefix`
 * @throws FixresDataError `download-failed`, `bad-option`, `limit-exceeded`; the signal's reason when aborted
 */
export async function listS3(
  address: string,
  access: RemoteAccess,
  { maxEntries, signal }: { maxEntries: number; signal?: AbortSignal | undefined },
): Promise<RemoteFile[]> {
  const { bucket, key: prefix } = parseS3Address(address);
  const found: RemoteFile[] = [];
  for (let token: string | undefined; ;) {
    const query = {
      ...(token !== undefined && { 'continuation-token': token }),
      'encoding-type': 'url',
      'list-type': '2',
      prefix,
    };
    const page = await fetchSmall(`s3://${bucket}`, access, {
      maxBytes: MAX_PAGE_BYTES,
      query,
      signal,
    });
    const text = page!.toString('utf8');
    const isEncoded = text.includes('<EncodingType>url</EncodingType>');
    for (const [, object = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const written = field(object, 'Key', address);
      const key = isEncoded ? decoded(written) : written;
      const bytes = Number(field(object, 'Size', address));
      // Amazon's server and others write the quotation marks around it in several ways, or leave them out.
      const tag = field(object, 'ETag', address).replaceAll('"', '');
      const version = `"${tag}"`;
      found.push(new RemoteFile({ address: `s3://${bucket}/${key}`, bytes, version }, access));
    }
    if (found.length > maxEntries)
      throw new FixresDataError(
        'limit-exceeded',
        `${address} has more than ${maxEntries} objects, the maximum (option "limits.maxEntries").`,
      );
    if (!text.includes('<IsTruncated>true</IsTruncated>')) return found;
    token = field(text, 'NextContinuationToken', address);
  }
}

/** The name of an object; one that is not encoded stays. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

/** The text of an element. */
function field(xml: string, name: string, address: string): string {
  const value = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (value !== undefined) return xmlText(value);
  throw new FixresDataError(
    'download-failed',
    `Cannot read ${address}: the server's list of objects has no ${name}.`,
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** Text with the characters that XML escapes (XML 1.0, sections 4.1 and 4.6); what is no escape stays. */
function xmlText(text: string): string {
  return text.replaceAll(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, hex, decimal, name) => {
      if (name !== undefined) return ENTITIES[name as string] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex as string, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
