import { stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { type ControlOptions, RunControl } from './control/run-control.ts';
import { createApp } from './create-app.ts';
import { FixresDashboardError } from './errors.ts';
import { isLoopback } from './guard.ts';
import { loadPageFiles } from './page-files.ts';
import { ReaderThread } from './reading/reader-thread.ts';
import { type OpenRecordedDataset, RunImages } from './runs/run-images.ts';
import { RunIndex } from './runs/run-index.ts';
import { RunWatcher, type RunWatcherOptions } from './runs/run-watcher.ts';

/** The port of the dashboard if none is given and this one is free. */
export const DEFAULT_PORT = 6160;

/** The address of a stream contains all followed runs, and their folders can have long names. */
const MAX_HEADERS = 64 << 10;

export interface DashboardOptions extends RunWatcherOptions {
  /** The runs folder, or the folder of one run. */
  runs: string;
  /** Default 127.0.0.1. Addresses other than loopback need a token. */
  host?: string;
  /** 0 selects any free port. Default: {@link DEFAULT_PORT}, or any free port if it is in use. */
  port?: number;
  /** Required in every request; at least 16 characters from A-Z a-z 0-9 - _. */
  token?: string;
  /** Finds the images of a run; without it, no images are shown. */
  openDataset?: OpenRecordedDataset;
  /** Lets the page start, stop and resume runs; without it, the server is read-only. */
  control?: ControlOptions;
}

/** A running dashboard. */
export interface Dashboard {
  /** Address for the user's browser, with the token if there is one. */
  url: string;
  port: number;
  /** Number of pages that follow runs now. */
  clients: () => number;
  /** Closes all connections. */
  close: () => Promise<void>;
}

/**
 * Serves the dashboard. It only reads run folders, so it works during, after and without training.
 *
 * @throws FixresDashboardError `not-found` for a runs folder that does not exist, `bad-option`,
 * `port-in-use`
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { host = '127.0.0.1', token, openDataset, control } = options;
  checkExposure(host, token);
  const root = await runsFolder(options.runs);
  const page = await loadPageFiles(pageFolder);
  const index = new RunIndex(root);
  // Starts while the browser opens; the first request waits for the rest.
  void index.refresh().catch(() => undefined);
  const watcher = new RunWatcher(index, options);
  const thread = new ReaderThread();
  let port = 0;
  const app = createApp({
    watcher,
    page,
    reader: thread.reader,
    images: new RunImages(openDataset, thread.reader),
    control: control && new RunControl(root, index, control),
    host,
    token,
    port: () => port,
  });
  const server = await listen(app, host, options.port);
  ({ port } = server.address() as AddressInfo);
  return {
    url: addressOf(host, port, token),
    port,
    clients: () => watcher.clients,
    close: async () => {
      watcher.close();
      await thread.close();
      await new Promise<void>((done) => {
        server.close(() => done());
        // Pages keep their streams open forever.
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}

/** Next to this file in the built package. From source, the last build is served. */
const pageFolder: string = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/client' : '../client', import.meta.url),
);

function checkExposure(host: string, token: string | undefined): void {
  if (token !== undefined && !/^[\w-]{16,128}$/.test(token)) {
    throw new FixresDashboardError(
      'bad-option',
      'Option "token" must have 16 to 128 characters from A-Z, a-z, 0-9, - and _.',
    );
  }
  if (!isLoopback(host) && token === undefined) {
    throw new FixresDashboardError(
      'bad-option',
      `Option "host" is "${host}", which other machines can reach; also give a token, or leave ` +
        'out the host.',
    );
  }
}

async function runsFolder(path: string): Promise<string> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new FixresDashboardError(
      'not-found',
      `Runs folder "${path}" does not exist. Give a folder that contains run folders.`,
      { cause },
    );
  });
  if (info.isDirectory()) return resolve(path);
  throw new FixresDashboardError(
    'not-found',
    `"${path}" is a file. Give a folder that contains run folders.`,
  );
}

type Server = ReturnType<typeof createAdaptorServer>;

async function listen(app: Hono, host: string, port: number | undefined): Promise<Server> {
  try {
    return await listenAt(app, host, port ?? DEFAULT_PORT);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && port === undefined) return listenAt(app, host, 0);
    if (code === 'EADDRINUSE') {
      throw new FixresDashboardError(
        'port-in-use',
        `Port ${port} is in use. Give another, or none to use any free port.`,
        { cause },
      );
    }
    throw new FixresDashboardError(
      'bad-option',
      `The dashboard cannot listen at "${host}", port ${port ?? DEFAULT_PORT}: ${message}.`,
      { cause },
    );
  }
}

async function listenAt(app: Hono, host: string, port: number): Promise<Server> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { maxHeaderSize: MAX_HEADERS },
  });
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      done();
    });
  });
  return server;
}

function addressOf(host: string, port: number, token: string | undefined): string {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const name = shown.includes(':') ? `[${shown}]` : shown;
  return `http://${name}:${port}/${token === undefined ? '' : `?token=${token}`}`;
}
