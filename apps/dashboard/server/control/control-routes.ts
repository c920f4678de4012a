import { timingSafeEqual } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { FixresDashboardError } from '../errors.ts';
import type { RunControl } from './run-control.ts';

/** Header for the token that only the page can read. */
const TOKEN_HEADER = 'x-fixres-control';

/**
 * The routes that change something. Without them the server is read-only.
 *
 * A request must come from the page. It needs an Origin (which the guard has compared with ours)
 * and the token. Other sites cannot read the token, and because of the header's name they cannot
 * send it.
 */
export function addControlRoutes(app: Hono, control: RunControl): void {
  app.get('/api/control', async (context) => context.json(await control.state()));
  const change = (path: string, act: (asked: Record<string, unknown>) => Promise<void>): void => {
    app.post(path, async (context) => {
      const refusal = refuse(context, control.token);
      if (refusal !== undefined) return context.json({ error: refusal }, 403);
      const asked: unknown = await context.req.json().catch(() => undefined);
      if (typeof asked !== 'object' || asked === null)
        return context.json({ error: 'The request must be a JSON object.' }, 400);
      try {
        await act(asked as Record<string, unknown>);
      } catch (error) {
        return refused(context, error);
      }
      return context.json({ done: true }, 202);
    });
  };
  change('/api/control/start', (asked) => control.start(asked));
  change('/api/control/stop', ({ run }) => control.stop(String(run)));
  change('/api/control/resume', ({ run }) => control.resume(String(run)));
}

function refuse(context: Context, token: string): string | undefined {
  if (context.req.header('origin') === undefined) return 'Changes are accepted only from the page.';
  if (!/^application\/json\b/.test(context.req.header('content-type') ?? ''))
    return 'Changes are accepted only as application/json.';
  const [given, right] = [Buffer.from(context.req.header(TOKEN_HEADER) ?? ''), Buffer.from(token)];
  return given.length === right.length && timingSafeEqual(given, right)
    ? undefined
    : 'The token of the page is missing or expired; reload the page.';
}

const statuses = { 'not-found': 404, 'bad-option': 400, 'not-possible': 409 } as const;

function refused(context: Context, error: unknown): Response {
  // A missing data set is an error of the reader.
  if (!(error instanceof Error) || !/^Fixres\w+Error$/.test(error.name)) throw error;
  const status =
    error instanceof FixresDashboardError && error.code in statuses
      ? statuses[error.code as keyof typeof statuses]
      : 409;
  return context.json({ error: error.message }, status);
}
