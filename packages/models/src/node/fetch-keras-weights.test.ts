import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '@fixres/testing';
import { applicationWeights } from '../weights/application-weights.ts';
import { fetchKerasWeights } from './fetch-keras-weights.ts';

/** A fetch that sends every request to this test's server, and the requested paths. */
async function serve(listener: RequestListener): Promise<{ fetch: typeof fetch; asked: string[] }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const asked: string[] = [];
  const here: typeof fetch = (url, init) => {
    const { pathname } = new URL(url instanceof Request ? url.url : url);
    asked.push(pathname);
    return fetch(`http://127.0.0.1:${port}${pathname}`, init);
  };
  return { fetch: here, asked };
}

const content = Buffer.from('weights');
const sending: RequestListener = (_, response) => void response.end(content);

describe('fetchKerasWeights', () => {
  it('downloads once, and returns the cached file from then on', async () => {
    const cacheFolder = await temporaryFolder();
    const { fetch, asked } = await serve(sending);
    const bytes: number[] = [];
    const options = {
      cacheFolder,
      fetch,
      alpha: 0.35,
      size: 96,
      includeTop: false,
      onProgress: (have: number) => void bytes.push(have),
    };
    const file = await fetchKerasWeights('mobilenetv2', options);
    expect(await readFile(file)).toEqual(content);
    expect(await fetchKerasWeights('mobilenetv2', options)).toBe(file);
    expect(asked).toEqual([
      '/tensorflow/keras-applications/mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5',
    ]);
    expect(bytes).toEqual([content.length]);
    expect(await readdir(join(cacheFolder, 'weights'))).toHaveLength(1);
  });

  it('never keeps a file without the published checksum, and downloads a damaged file again', async () => {
    const cacheFolder = await temporaryFolder();
    const { fetch, asked } = await serve(sending);
    const folder = join(cacheFolder, 'weights');
    await mkdir(folder);
    await writeFile(join(folder, 'resnet50v2_weights_tf_dim_ordering_tf_kernels.h5'), 'damaged');
    const md5 = createHash('md5').update(content).digest('hex');
    expect(md5).not.toBe(applicationWeights('resnet50v2').hash);
    await expect(fetchKerasWeights('resnet50v2', { cacheFolder, fetch })).rejects.toMatchObject({
      code: 'bad-checksum',
    });
    expect(asked).toEqual([
      '/tensorflow/keras-applications/resnet/resnet50v2_weights_tf_dim_ordering_tf_kernels.h5',
    ]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('uses a given copy after checking it', async () => {
    const cacheFolder = await temporaryFolder();
    const weightsFile = join(cacheFolder, 'copy.h5');
    await writeFile(weightsFile, content);
    expect(await fetchKerasWeights('mobilenetv2', { cacheFolder, weightsFile })).toBe(weightsFile);
    await expect(
      fetchKerasWeights('resnet50v2', { cacheFolder, weightsFile }),
    ).rejects.toMatchObject({ code: 'bad-checksum' });
    await expect(
      fetchKerasWeights('resnet50v2', { cacheFolder, weightsFile: 'nowhere.h5' }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('reports why a download failed, and leaves nothing behind', async () => {
    const cacheFolder = await temporaryFolder();
    const missing = await serve((_, response) => void response.writeHead(403).end());
    await expect(
      fetchKerasWeights('mobilenetv2', { cacheFolder, fetch: missing.fetch }),
    ).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringContaining('answered 403 Forbidden') as string,
    });
    const broken = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('some', () => response.destroy());
    });
    await expect(
      fetchKerasWeights('mobilenetv2', { cacheFolder, fetch: broken.fetch }),
    ).rejects.toMatchObject({ code: 'download-failed' });
    const slow = await serve((_, response) => void response.write('some'));
    const signal = AbortSignal.timeout(200);
    await expect(
      fetchKerasWeights('mobilenetv2', { cacheFolder, fetch: slow.fetch, signal }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await readdir(join(cacheFolder, 'weights'))).toEqual([]);
  });

  it('resumes a download that has a checksum', async () => {
    const cacheFolder = await temporaryFolder();
    const folder = join(cacheFolder, 'weights');
    const ranges: (string | undefined)[] = [];
    let interrupt = (): void => undefined;
    const { fetch } = await serve((request, response) => {
      const { range } = request.headers;
      ranges.push(range);
      const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
      const rest = content.subarray(start);
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length });
      if (start > 0) response.end(rest);
      else response.write(rest.subarray(0, 3));
      interrupt = () => void response.destroy();
    });
    // The connection breaks when a part has arrived.
    const options = { cacheFolder, fetch, onProgress: () => interrupt() };
    await expect(fetchKerasWeights('EfficientNetB0', options)).rejects.toMatchObject({
      code: 'download-failed',
    });
    const kept = 'efficientnetb0.h5.interrupted';
    expect(await readdir(folder)).toEqual([kept]);
    const part = await readFile(join(folder, kept));
    expect(part).toEqual(content.subarray(0, 3));
    // The whole has another checksum than the published one, and nothing is kept.
    const error = await fetchKerasWeights('EfficientNetB0', options).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({
      code: 'bad-checksum',
      message: expect.stringMatching(/the published MD5 [0-9a-f]{32}\.$/) as string,
    });
    expect(ranges).toEqual([undefined, 'bytes=3-']);
    expect(await readdir(folder)).toEqual([]);
  });

  it('removes what another process left of a file without a checksum, even with the same number', async () => {
    const cacheFolder = await temporaryFolder();
    const folder = join(cacheFolder, 'weights');
    await mkdir(folder);
    const { fetch } = await serve((request, response) => {
      expect(request.headers.range).toBeUndefined();
      response.end(content);
    });
    const name = 'mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5';
    await writeFile(join(folder, `${name}.${process.pid}.partial`), 'stale');
    const file = await fetchKerasWeights('mobilenetv2', { cacheFolder, fetch });
    expect(await readFile(file)).toEqual(content);
    expect(await readdir(folder)).toEqual([name]);
  });

  it('resumes the longest part of an ended process, and keeps it when a whole answer breaks off', async () => {
    const cacheFolder = await temporaryFolder();
    const folder = join(cacheFolder, 'weights');
    await mkdir(folder);
    const name = 'efficientnetb0.h5';
    const { pid: ended } = spawnSync(process.execPath, ['--version']);
    await writeFile(join(folder, `${name}.${ended}.partial`), content.subarray(0, 5));
    await writeFile(join(folder, `${name}.interrupted`), content.subarray(0, 2));
    const running = `${name}.${process.ppid}.partial`;
    await writeFile(join(folder, running), content.subarray(0, 6));
    const ranges: (string | undefined)[] = [];
    let interrupt = (): void => undefined;
    const { fetch } = await serve((request, response) => {
      ranges.push(request.headers.range);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 3));
      interrupt = () => void response.destroy();
    });
    const options = { cacheFolder, fetch, onProgress: () => interrupt() };
    await expect(fetchKerasWeights('EfficientNetB0', options)).rejects.toMatchObject({
      code: 'download-failed',
    });
    expect(ranges).toEqual(['bytes=5-']);
    expect((await readdir(folder)).sort()).toEqual([running, `${name}.interrupted`].sort());
    expect(await readFile(join(folder, `${name}.interrupted`))).toEqual(content.subarray(0, 5));
  });

  it('keeps a complete file when its check is aborted', async () => {
    const cacheFolder = await temporaryFolder();
    const { fetch } = await serve(sending);
    const controller = new AbortController();
    // This body does not end with the signal, so the check is the first to see it.
    const answered: typeof fetch = async (...request) => {
      const whole = new Uint8Array(await (await fetch(...request)).arrayBuffer());
      const body = new ReadableStream<Uint8Array>({
        pull(stream) {
          stream.enqueue(whole);
          stream.close();
          setImmediate(() => controller.abort());
        },
      });
      return new Response(body);
    };
    await expect(
      fetchKerasWeights('EfficientNetB0', {
        cacheFolder,
        fetch: answered,
        signal: controller.signal,
      }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    const folder = join(cacheFolder, 'weights');
    expect(await readdir(folder)).toEqual(['efficientnetb0.h5.interrupted']);
    expect(await readFile(join(folder, 'efficientnetb0.h5.interrupted'))).toEqual(content);
  });

  it('reports a folder in the place of a file, and a file in the place of the cache', async () => {
    const folder = await temporaryFolder();
    await expect(
      fetchKerasWeights('resnet50v2', { cacheFolder: folder, weightsFile: folder }),
    ).rejects.toMatchObject({
      code: 'bad-option',
      message: `Weights file "${folder}" is not a file.`,
    });
    const cacheFolder = join(folder, 'file');
    await writeFile(cacheFolder, '');
    await expect(fetchKerasWeights('EfficientNetB0', { cacheFolder })).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringMatching(
        /^Cache folder ".*" cannot be written: E.* Use another cache folder \(FIXRES_CACHE\), or a copy of the file \(--weights-file\)\.$/,
      ) as string,
    });
  });

  it('knows which weights are published', () => {
    expect(applicationWeights('resnet152v2', { includeTop: false })).toEqual({
      url: 'https://storage.googleapis.com/tensorflow/keras-applications/resnet/resnet152v2_weights_tf_dim_ordering_tf_kernels_notop.h5',
      hash: 'ed17cf2e0169df9d443503ef94b23b33',
    });
    expect(applicationWeights('mobilenetv2').url).toMatch(/_kernels_1\.0_224\.h5$/);
    expect(() => applicationWeights('resnet14v2')).toThrow(
      expect.objectContaining({ code: 'unknown-weights' }),
    );
    expect(() => applicationWeights('mobilenetv2', { alpha: 0.6 })).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
  });
});
