import { timingSafeEqual } from 'node:crypto';
import { hostname } from 'node:os';
import { isIP } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

export interface GuardOptions {
  /**
   * The address to listen on: `127.0.0.1`, `::1`, `localhost`, a name or address of this machine,
   * or `0.0.0.0` or `::` for all of them.
   */
  host: string;
  /** The port, known once the server listens. */
  port: () => number;
  /** Required in every request, if given. */
  token?: string | undefined;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Whether an address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host);
}

/**
 * Sent with every response. The page loads nothing from elsewhere, and no text in a run can become
 * a script or a style. TensorFlow.js compiles WebAssembly; `blob:` shows the dropped photo.
 */
const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

/**
 * Rejects requests that other sites' pages could send through the user's browser. The Host must be
 * ours (an attacker's name that resolves to this machine is not). An Origin must be the page's own.
 * With a token, the request must contain it: as the cookie that opening `/?token=…` sets, or as
 * `Authorization: Bearer …`.
 */
export function guard(options: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    // Computed each time, because the port is known only when the server listens.
    const refusal = refuse(context, options) ?? checkToken(context, options);
    if (refusal) {
      for (const [name, value] of Object.entries(securityHeaders)) refusal.headers.set(name, value);
      return refusal;
    }
    await next();
    for (const [name, value] of Object.entries(securityHeaders))
      context.res.headers.set(name, value);
    return undefined;
  };
}

function refuse(context: Context, { host, port }: GuardOptions): Response | undefined {
  const asked = context.req.header('host') ?? '';
  if (!isOurs(asked, host, port())) return text(403, 'This host name is not served here.');
  const origin = context.req.header('origin');
  if (origin !== undefined && origin !== `http://${asked}`)
    return text(403, 'Requests of other sites are refused.');
  // Browsers report where a request comes from. Following a link to the page is allowed; all other
  // requests from other sites are not.
  const site = context.req.header('sec-fetch-site');
  const foreign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (foreign && context.req.header('sec-fetch-mode') !== 'navigate')
    return text(403, 'Requests of other sites are refused.');
  if (!['GET', 'HEAD', 'POST'].includes(context.req.method))
    return text(405, 'This method is not allowed.');
  return undefined;
}

function isOurs(asked: string, host: string, port: number): boolean {
  const match = /^(?:\[([\da-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(asked);
  if (!match) return false;
  const name = (match[1] ?? match[2])!.toLowerCase();
  if (Number(match[3] ?? 80) !== port) return false;
  if (isLoopback(name)) return true;
  if (isLoopback(host)) return false;
  // An address cannot be rebound; a name could, so only ours and the given one are accepted.
  if (host === '0.0.0.0' || host === '::')
    return isIP(name) !== 0 || name === hostname().toLowerCase();
  return name === host.toLowerCase();
}

function checkToken(context: Context, { port, token }: GuardOptions): Response | undefined {
  if (token === undefined) return undefined;
  // Cookies are shared by all ports of a host.
  const cookie = `fixres-${port()}`;
  const given = context.req.query('token');
  if (given !== undefined && context.req.path === '/' && sameText(given, token)) {
    setCookie(context, cookie, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
    return context.redirect('/', 303);
  }
  const bearer = /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '')?.[1];
  const carried = bearer ?? getCookie(context, cookie);
  if (carried !== undefined && sameText(carried, token)) return undefined;
  return text(401, 'Open the address with ?token=… that fixres dashboard printed.');
}

/** Takes the same time whether texts differ early or late. */
function sameText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function text(status: number, message: string): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  });
}
