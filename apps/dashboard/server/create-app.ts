import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { axes, type Axis } from '../shared/curves.ts';
import { MAX_FOLLOWED_RUNS } from '../shared/limits.ts';
import { parsePredictionQuery } from '../shared/prediction-query.ts';
import type { RunDetail } from '../shared/protocol.ts';
import type { Range } from '../shared/series.ts';
import { addControlRoutes } from './control/control-routes.ts';
import type { RunControl } from './control/run-control.ts';
import { parsePosition, streamEvents } from './event-stream.ts';
import { guard, type GuardOptions } from './guard.ts';
import type { PageFile } from './page-files.ts';
import type { RunReader } from './reading/run-reader.ts';
import { readRunDetail } from './runs/run-detail.ts';
import { openModelFile } from './runs/run-files.ts';
import type { RunImages } from './runs/run-images.ts';
import type { RunWatcher } from './runs/run-watcher.ts';
import { RunsPages } from './runs/runs-pages.ts';

const MAX_STREAMS = 256;
const MAX_BODY = 16 << 10;
const MAX_EVENTS = 1000;

export interface AppOptions extends GuardOptions {
  watcher: RunWatcher;
  page: ReadonlyMap<string, PageFile>;
  reader: RunReader;
  images: RunImages;
  /** Without it, the server is read-only. */
  control: RunControl | undefined;
}

/**
 * The server's routes. A run, file or image in a request is only looked up among the known ones; it
 * never becomes a path.
 */
export function createApp(options: AppOptions): Hono {
  const { watcher, page, reader, images, control } = options;
  const app = new Hono();
  app.use(guard(options));
  app.use(
    bodyLimit({
      maxSize: MAX_BODY,
      onError: (context) =>
        context.json({ error: `A request may have ${MAX_BODY} bytes at most.` }, 413),
    }),
  );
  app.use('/api/*', async (context, next) => {
    // Otherwise the handler would run and its response be discarded: an unread stream never ends,
    // and its file stays open.
    if (context.req.method === 'HEAD') return context.body(null, 405, { allow: 'GET' });
    await next();
    // Cached responses are revalidated each time, but not sent again if unchanged.
    context.res.headers.set(
      'cache-control',
      context.res.headers.has('etag') ? 'private, no-cache' : 'no-store',
    );
    return undefined;
  });

  const pages = new RunsPages(watcher.index, {
    boot: watcher.boot,
    control: control !== undefined,
  });
  app.get('/api/runs', async (context) => {
    const after = context.req.query('after');
    // Further pages belong to the same version of the table as the first one, unless the server was
    // restarted.
    if (after === undefined || watcher.index.version === 0) await watcher.index.refresh();
    const etag = `"${watcher.boot}.${watcher.index.version}"`;
    if (context.req.header('if-none-match') === etag) return context.body(null, 304, { etag });
    return context.body(pages.page(after), 200, { 'content-type': 'application/json', etag });
  });

  app.get('/api/runs/:run', async (context) => {
    const run = await findRun(context, watcher);
    if (!run) return missing(context);
    const [detail, available] = await Promise.all([
      readRunDetail(run.row, run.folder),
      images.availability(run.folder),
    ]);
    return context.json({ ...detail, images: available } satisfies RunDetail);
  });

  app.get('/api/runs/:run/events', async (context) => {
    const run = await findRun(context, watcher);
    if (!run) return missing(context);
    const from = wholeNumber(context.req.query('from'), 0);
    const limit = wholeNumber(context.req.query('limit'), MAX_EVENTS);
    if (from === undefined || limit === undefined)
      return context.json({ error: 'from and limit must be whole numbers.' }, 400);
    await run.log.refresh();
    const part = await run.log.read(from, {
      maxEvents: Math.min(limit, MAX_EVENTS),
      maxBytes: 1 << 20,
    });
    return context.json({ from, ...part, lines: run.log.lines });
  });

  app.get('/api/runs/:run/curves', async (context) => {
    const run = await findRun(context, watcher);
    if (!run) return missing(context);
    const range = rangeOf(context);
    if (range === 'wrong')
      return context.json(
        { error: `axis must be one of ${axes.join(', ')}, from and to numbers.` },
        400,
      );
    return json(context, await reader.curves(run.folder, range));
  });

  app.get('/api/runs/:run/predictions/:file', async (context) => {
    const run = await findRun(context, watcher);
    return json(context, run && (await reader.predictions(run.folder, context.req.param('file'))));
  });

  app.get('/api/runs/:run/predictions/:file/calibration', async (context) => {
    const run = await findRun(context, watcher);
    return json(context, run && (await reader.calibration(run.folder, context.req.param('file'))));
  });

  app.get('/api/runs/:run/predictions/:file/rows', async (context) => {
    const run = await findRun(context, watcher);
    const query = parsePredictionQuery(context.req.query());
    if (!query) return context.json({ error: 'Invalid selection of predictions.' }, 400);
    return json(
      context,
      run && (await reader.predictionsPage(run.folder, context.req.param('file'), query)),
    );
  });

  app.get('/api/runs/:run/images/:file', async (context) => {
    const run = await findRun(context, watcher);
    const side = wholeNumber(context.req.query('side'), 0);
    const id = context.req.query('id');
    if (!run || id === undefined || side === undefined || side > 2048) return missing(context);
    const image = await images
      .read(run.folder, context.req.param('file'), id, side === 0 ? undefined : side)
      .catch(() => undefined);
    if (!image) return missing(context);
    // A photo is displayed, never run as a document.
    return context.body(image.bytes, 200, {
      'content-type': image.type,
      'content-disposition': 'attachment',
    });
  });

  app.get('/api/runs/:run/sizes/:file', async (context) => {
    const run = await findRun(context, watcher);
    if (!run) return missing(context);
    return context.json(await images.sizes(run.folder, context.req.param('file')).catch(() => []));
  });

  app.get('/api/runs/:run/models/:model/:file', async (context) => {
    const run = await findRun(context, watcher);
    const file =
      run &&
      (await openModelFile(run.folder, context.req.param('model'), context.req.param('file')));
    if (!file) return missing(context);
    const { handle, info } = file;
    const body = Readable.toWeb(handle.createReadStream()) as ReadableStream<Uint8Array>;
    return context.body(body, 200, {
      'content-type': 'application/octet-stream',
      'content-length': String(info.size),
    });
  });

  if (control) addControlRoutes(app, control);

  app.get('/api/stream', async (context) => {
    if (watcher.clients >= MAX_STREAMS)
      return context.json({ error: `More than ${MAX_STREAMS} pages are open.` }, 503);
    const runs = context.req.queries('run') ?? [];
    if (runs.length > MAX_FOLLOWED_RUNS)
      return context.json({ error: `At most ${MAX_FOLLOWED_RUNS} runs can be followed.` }, 400);
    const given = context.req.header('last-event-id') ?? context.req.query('from') ?? '';
    const start = parsePosition(given, runs.length) ?? {
      boot: undefined,
      version: 0,
      lines: runs.map(() => 0),
    };
    await watcher.index.refresh();
    return streamSSE(context, (stream) => streamEvents(stream, watcher, runs, start));
  });

  app.get('*', (context) => {
    const file = page.get(context.req.path);
    if (!file) return missing(context);
    return context.body(file.bytes, 200, {
      'content-type': file.type,
      'cache-control': file.immutable ? 'max-age=31536000, immutable' : 'no-cache',
    });
  });
  app.notFound(missing);
  app.onError((_, context) => context.json({ error: 'The server could not read the file.' }, 500));
  return app;
}

interface FoundRun {
  row: RunDetail['row'];
  folder: string;
  log: NonNullable<ReturnType<RunWatcher['log']>>;
}

async function findRun(context: Context, watcher: RunWatcher): Promise<FoundRun | undefined> {
  const id = context.req.param('run') ?? '';
  // The folder may not have been read yet, or the run was created just now.
  if (watcher.index.row(id) === undefined) await watcher.index.refresh();
  const row = watcher.index.row(id);
  const folder = watcher.index.folderOf(id);
  const log = watcher.log(id);
  return row && folder !== undefined && log ? { row, folder, log } : undefined;
}

function missing(context: Context): Response {
  return context.json({ error: 'Not found.' }, 404);
}

/** Sends prepared JSON, or a 404 if there is none. */
function json(context: Context, body: Uint8Array | undefined): Response {
  return body
    ? context.body(body as Uint8Array<ArrayBuffer>, 200, { 'content-type': 'application/json' })
    : missing(context);
}

/** The requested part of the curves; undefined for all of them. */
function rangeOf(context: Context): Range<Axis> | undefined | 'wrong' {
  const { axis, from, to } = context.req.query();
  if ([axis, from, to].every((field) => field === undefined)) return undefined;
  const known = axes.find((each) => each === axis);
  const range = [from, to].map((text) =>
    text === undefined || text === '' ? Number.NaN : Number(text),
  );
  return known && range.every(Number.isFinite)
    ? { axis: known, from: range[0]!, to: range[1]! }
    : 'wrong';
}

function wholeNumber(text: string | undefined, fallback: number): number | undefined {
  if (text === undefined) return fallback;
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
