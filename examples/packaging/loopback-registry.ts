import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import type { PackedPackage } from './pack-workspace.ts';

export interface LoopbackRegistry {
  /** Ends with a slash. */
  url: string;
  close(): Promise<void>;
}

/**
 * Serves unpublished packages on 127.0.0.1, for the scope `@fixres` only. Package managers download
 * all other packages with the user's settings, so the user's registry, cache and credentials are
 * not affected.
 */
export async function serveLoopbackRegistry(
  packages: readonly PackedPackage[],
): Promise<LoopbackRegistry> {
  const files = new Map(
    await Promise.all(
      packages.map(async ({ tarball }) => [basename(tarball), await readFile(tarball)] as const),
    ),
  );
  // Package managers cache downloads by address, and versions stay the same while packages change;
  // so the address contains a hash of the content.
  const hash = createHash('sha256');
  for (const [, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(bytes);
  const prefix = `/${hash.digest('hex').slice(0, 16)}/`;

  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/').replace(prefix, '');
    const file = files.get(path);
    const packed = packages.find(({ name }) => name === path);
    if (file) response.end(file);
    else if (packed)
      sendJson(response, packument(packed, files.get(basename(packed.tarball))!, url));
    else {
      response.statusCode = 404;
      sendJson(response, { error: `${path} is not here` });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The metadata of a package, as a registry serves it. */
function packument({ name, manifest, tarball }: PackedPackage, bytes: Buffer, url: string): object {
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  const shasum = createHash('sha1').update(bytes).digest('hex');
  const version = {
    ...manifest,
    dist: { tarball: `${url}${basename(tarball)}`, integrity, shasum },
  };
  // Package managers can be configured to wait some days before they install new releases.
  const time = { [manifest.version]: new Date(0).toISOString() };
  return {
    name,
    time,
    'dist-tags': { latest: manifest.version },
    versions: { [manifest.version]: version },
  };
}

function sendJson(response: ServerResponse, value: object): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}
