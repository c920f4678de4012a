import type { Missing } from '../missing.ts';

/** Messages of npm and pip if the network is the problem, not the request. */
const signs: readonly RegExp[] = [
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|E50[234]|E407)\b/,
  /\b(NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|NameResolutionError|Failed to establish a new connection)\b/,
  /\b(Name or service not known|Temporary failure in name resolution|Network is unreachable|Connection refused|Tunnel connection failed)/,
];

/** How to set up without network. */
const offlineWay =
  'without network, run `fixres setup --download FOLDER` on a machine with network, and ' +
  '`fixres setup --from FOLDER` here';

/**
 * Reads from a tool's output that it could not reach its server.
 *
 * @param what what could not be reached, as its users call it: `the npm registry`
 * @returns one clause, with the way out and the proxy that was in use; null when the problem is another
 */
export function unreachable(
  what: string,
  output: string,
  environment: NodeJS.ProcessEnv = process.env,
): Missing | null {
  const sign = signs
    .map((pattern) => pattern.exec(output)?.[1])
    .find((found) => found !== undefined);
  if (sign === undefined) return null;
  const proxy = proxyOf(environment);
  return {
    missing: [
      `${what} cannot be reached (${sign}${proxy ? `; ${proxy.name} is ${proxy.host}` : ''}): ${offlineWay}`,
    ],
    offline: true,
  };
}

/** The proxy that npm and pip take from the environment; its host alone, since an address may hold a password. */
function proxyOf(
  environment: NodeJS.ProcessEnv,
): { readonly name: string; readonly host: string } | null {
  for (const name of [
    'HTTPS_PROXY',
    'https_proxy',
    'HTTP_PROXY',
    'http_proxy',
    'ALL_PROXY',
    'all_proxy',
  ]) {
    const value = environment[name];
    if (!value) continue;
    const address = value.includes('://') ? value : `http://${value}`;
    return { name, host: URL.canParse(address) ? new URL(address).host : 'no address' };
  }
  return null;
}
