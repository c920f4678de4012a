import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../../test/make-images.ts';
import { fetchArchive, type RemoteArchive, tfFlowersArchive, verifyArchive } from './tf-flowers.ts';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));

async function serve(listener: RequestListener): Promise<RemoteArchive> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { url: `http://127.0.0.1:${port}/photos.tgz`, bytes: content.length, sha256 };
}

/** Answers ranges as a file server does, and notes where each answer starts. */
function fileServer(starts: number[]): RequestListener {
  return (request, response) => {
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    starts.push(start);
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': content.length - start });
    response.end(content.subarray(start));
  };
}

/** Downloads from a server that breaks the connection after the first 100,000 bytes have arrived. */
async function brokenDownload(cacheFolder: string): Promise<void> {
  let cut = (): void => undefined;
  const archive = await serve((_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 100_000));
    cut = () => response.destroy();
  });
  const onProgress = (bytes: number): void => {
    if (bytes === 100_000) cut();
  };
  await expect(fetchArchive({ cacheFolder, archive, onProgress })).rejects.toMatchObject({
    code: 'download-failed',
  });
}

describe('fetchArchive', () => {
  it('downloads once, with progress', async () => {
    const starts: number[] = [];
    const archive = await serve(fileServer(starts));
    const cacheFolder = await temporaryFolder();
    const seen: number[] = [];
    const file = await fetchArchive({
      cacheFolder,
      archive,
      onProgress: (bytes) => seen.push(bytes),
    });
    expect((await readFile(file)).equals(content)).toBe(true);
    expect(seen.at(-1)).toBe(content.length);
    expect(await fetchArchive({ cacheFolder, archive })).toBe(file);
    expect(starts).toEqual([0]);
  });

  it('resumes a broken download', async () => {
    const starts: number[] = [];
    const cacheFolder = await temporaryFolder();
    await brokenDownload(cacheFolder);
    const file = await fetchArchive({ cacheFolder, archive: await serve(fileServer(starts)) });
    expect((await readFile(file)).equals(content)).toBe(true);
    expect(starts).toEqual([100_000]);
  });

  it('starts again if the server cannot resume', async () => {
    const archive = await serve((_, response) => response.end(content));
    const cacheFolder = await temporaryFolder();
    await brokenDownload(cacheFolder);
    expect((await readFile(await fetchArchive({ cacheFolder, archive }))).equals(content)).toBe(
      true,
    );
  });

  it('removes an archive with a wrong checksum', async () => {
    const archive = await serve((_, response) => response.end(Buffer.alloc(content.length)));
    const cacheFolder = await temporaryFolder();
    await expect(fetchArchive({ cacheFolder, archive })).rejects.toMatchObject({
      code: 'bad-checksum',
    });
    expect(await readdir(join(cacheFolder, 'downloads'))).toEqual([]);
  });

  it('reads no more bytes than the archive has', async () => {
    let sent = 0;
    const archive = await serve((_, response) => {
      const more = (): void => {
        sent += content.length;
        response.write(content, () => {
          if (sent < 100 * content.length) more();
        });
      };
      more();
    });
    const download = fetchArchive({ cacheFolder: await temporaryFolder(), archive });
    await expect(download).rejects.toThrow(/sent more than the 300000 bytes/);
    expect(sent).toBeLessThan(100 * content.length);
  });

  it('reports a full disk as such', { tags: 'linux' }, async () => {
    const archive = await serve(fileServer([]));
    const cacheFolder = await temporaryFolder();
    const folder = join(cacheFolder, 'downloads');
    await mkdir(folder);
    const partial = join(folder, `${archive.sha256.slice(0, 16)}-photos.tgz.partial`);
    await symlink('/dev/full', partial);
    await expect(fetchArchive({ cacheFolder, archive })).rejects.toMatchObject({
      code: 'write-failed',
      message: expect.stringContaining(`"${folder}" cannot be written: ENOSPC`) as string,
    });
  });

  it('reports the answer of the server or the network', async () => {
    const archive = await serve((_, response) => response.writeHead(503).end());
    const cacheFolder = await temporaryFolder();
    await expect(fetchArchive({ cacheFolder, archive })).rejects.toThrow(/503.*--archive FILE/);
    const nobody = { ...archive, url: 'http://127.0.0.1:1/photos.tgz' };
    await expect(fetchArchive({ cacheFolder, archive: nobody })).rejects.toMatchObject({
      code: 'download-failed',
    });
  });
});

describe('verifyArchive', () => {
  it('refuses any file but the official one', async () => {
    const file = join(await temporaryFolder(), 'mine.tgz');
    await writeFile(file, 'something else');
    await expect(verifyArchive(file)).rejects.toMatchObject({
      code: 'bad-checksum',
      message: expect.stringContaining(tfFlowersArchive.sha256) as string,
    });
    await expect(verifyArchive(`${file}.gone`)).rejects.toMatchObject({ code: 'not-found' });
  });
});
