import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A file of the server. */
export interface ServedFile {
  bytes: Buffer;
  etag?: string;
}

/** What the server does instead of answering a request well. */
export type Trouble =
  /** Answers 503, and asks to wait. */
  | 'busy'
  /** Closes the connection before it answers. */
  | 'reset'
  /** Closes the connection in the middle of the content. */
  | 'cut'
  /** Sends nothing after the headers. */
  | 'stall'
  /** Changes a bit in the content. */
  | 'flip'
  | 403
  | 500;

/** A web server on loopback that closes after the test. */
export class ShardServer {
  /** By path, with a slash in front, decoded. */
  readonly files: Map<string, ServedFile> = new Map<string, ServedFile>();
  /** Requests so far: path with query, and range. */
  readonly requests: {
    url: string;
    range: string | undefined;
    authorization: string | undefined;
  }[] = [];
  /** Trouble with the next requests for files, in turn. */
  trouble: (Trouble | undefined)[] = [];
  /** Whether it answers ranges. Default true. */
  ranges = true;
  /** Answers requests before files are looked up. */
  before: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(files: Record<string, Buffer> = {}): Promise<ShardServer> {
    const server = new ShardServer();
    for (const [path, bytes] of Object.entries(files)) server.put(path, bytes);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      server.#server.closeAllConnections();
      await new Promise((resolve) => server.#server.close(resolve));
    });
    return server;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Adds or replaces a file; each version has its own ETag. */
  put(path: string, bytes: Buffer): void {
    this.files.set(path, { bytes, etag: `"${bytes.length}-${this.requests.length}"` });
  }

  /** Requests for content, without those for a first byte. */
  contentRequests(): string[] {
    return this.requests.flatMap(({ url, range = 'all' }) =>
      range === 'bytes=0-0' ? [] : [`${url} ${range}`],
    );
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url!;
    const { range, authorization } = request.headers;
    this.requests.push({ url, range, authorization });
    if (this.before?.(request, response)) return;
    const file = this.files.get(decodeURIComponent(url.replace(/\?.*/, '')));
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    const trouble = this.trouble.shift();
    if (trouble === 'reset') {
      request.socket.destroy();
      return;
    }
    if (trouble === 'busy') {
      response.writeHead(503, { 'retry-after': '0' }).end();
      return;
    }
    if (typeof trouble === 'number') {
      response.writeHead(trouble).end();
      return;
    }
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    const isPart = this.ranges && range !== undefined;
    const start = isPart ? Number(from) : 0;
    const end = isPart ? Math.min(Number(to) + 1, file.bytes.length) : file.bytes.length;
    let content = file.bytes.subarray(start, end);
    if (trouble === 'flip') {
      content = Buffer.from(content);
      content[content.length >> 1]! ^= 1;
    }
    response.writeHead(isPart ? 206 : 200, {
      'content-length': content.length,
      ...(file.etag !== undefined && { etag: file.etag }),
      ...(isPart && { 'content-range': `bytes ${start}-${end - 1}/${file.bytes.length}` }),
    });
    if (trouble === 'stall') response.flushHeaders();
    else if (trouble === 'cut')
      response.write(content.subarray(0, content.length >> 1), () => response.destroy());
    else response.end(content);
  }
}
